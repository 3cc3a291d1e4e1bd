import type { AgentInputItem } from '@openai/agents-core';
import { toCallPart, UniqueIds } from '../../session/calls.ts';
import { asItem, without } from './messages.ts';
import { isModelOutput, pairCalls, removeLoneReasoning } from './pair-calls.ts';
import type { Part } from './parts.ts';
import { fitResponsesItem } from './responses-items.ts';

/** Items as the Responses API takes them, through the SDK's converter. */
export function fitResponses(items: readonly AgentInputItem[]): AgentInputItem[] {
  const paired = pairCalls(fitItems(items));
  return fitIds(removeLoneReasoning(pairCalls(removeRepeated(releaseFromPrograms(paired)))));
}

/** What was made with reasoning that is left out is refused by its id: what cannot do without goes in another form. */
function fitItems(items: readonly AgentInputItem[]): AgentInputItem[] {
  let isOrphaned = false;
  return items.flatMap((item) => {
    const fitted = fitResponsesItem(item, isOrphaned);
    if (item.type === 'reasoning') isOrphaned = fitted[0]?.id !== item.id;
    else if (!isModelOutput(item)) isOrphaned = false;
    else if (isOrphaned) return fitted.map((one) => asItem(without(one as unknown as Part, 'id')));
    return fitted;
  });
}

/** What a program called is refused without the program before it, unless nothing says so. */
function releaseFromPrograms(items: readonly AgentInputItem[]): AgentInputItem[] {
  const programs = new Set<string>();
  return items.map((item) => {
    if (item.type === 'program') programs.add(item.callId);
    const { caller } = item as { readonly caller?: { readonly callerId?: string } };
    const isKept = caller?.callerId === undefined || programs.has(caller.callerId);
    return isKept ? item : asItem(without(item as unknown as Part, 'caller'));
  });
}

/** Items that the API knows by their id: it takes each once. */
function removeRepeated(items: readonly AgentInputItem[]): AgentInputItem[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const id = idOf(item);
    if (!NEEDS_ID.has(item.type) || id === '') return true;
    const isNew = !seen.has(id) && id.length <= MAX_ID_LENGTH;
    seen.add(id);
    return isNew;
  });
}

const NEEDS_ID: ReadonlySet<unknown> = new Set(['hosted_tool_call', 'reasoning']);
/** How the ids of the API's messages and calls begin; those of other APIs are refused. */
const ID = /^(msg|fc|cu|prg|pro)_./;
const MAX_ID_LENGTH = 64;
/** How the ids of those begin that need one of their own, and get it from their call. */
const MADE_IDS: Readonly<Record<string, string>> = {
  computer_call: 'cu',
  program: 'prg',
  program_output: 'pro',
};

/**
 * Leaves out the ids that the API would refuse: one that it has seen, of another API, or of an answer whose reasoning is
 * not here, which it would ask for. What needs one gets another.
 */
function fitIds(items: readonly AgentInputItem[]): AgentInputItem[] {
  const ids = new UniqueIds();
  const seen = new Set<string>();
  let reasoned = false;
  return items.map((item) => {
    const id = idOf(item);
    reasoned = item.type === 'reasoning' ? id !== '' : reasoned && isModelOutput(item);
    const isKnown = reasoned && ID.test(id) && id.length <= MAX_ID_LENGTH && !seen.has(id);
    const prefix = isKnown ? undefined : MADE_IDS[String(item.type)];
    const made = prefix && ids.take(`${prefix}_${toCallPart(item)?.id}`);
    seen.add(id);
    ids.add(id);
    if (NEEDS_ID.has(item.type) || isKnown) return item;
    if (made !== undefined) return asItem({ ...(item as unknown as Part), id: made });
    return 'id' in item ? asItem(without(item as unknown as Part, 'id')) : item;
  });
}

function idOf(item: AgentInputItem): string {
  return 'id' in item && typeof item.id === 'string' ? item.id : '';
}
