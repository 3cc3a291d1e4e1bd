import type { AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';
import {
  approvalResponse,
  functionCall,
  functionResult,
  HOSTED,
  hostedCall,
  toolItems,
  unknownItem,
} from './random-calls.ts';
import { assistantMessage, reasoning, systemMessage, userMessage } from './random-messages.ts';
import { PIXEL } from './random-values.ts';

/** Any item that the SDK has, sound or not. */
const randomItem = fc.oneof(
  { weight: 2, arbitrary: userMessage },
  { weight: 1, arbitrary: systemMessage },
  { weight: 4, arbitrary: assistantMessage },
  { weight: 4, arbitrary: reasoning },
  { weight: 5, arbitrary: functionCall },
  { weight: 5, arbitrary: functionResult },
  { weight: 8, arbitrary: fc.oneof(...toolItems) },
  { weight: 4, arbitrary: hostedCall },
  { weight: 1, arbitrary: approvalResponse },
  { weight: 3, arbitrary: unknownItem },
);

/** How the items of one answer are named: the SDK keeps what the API sends. */
interface Names {
  /** Of the answer, in its chat. */
  readonly key: string;
  /** `anew`: the ids of the calls start anew in each answer. `chat`: all items have the id of the answer. */
  readonly ids: 'own' | 'anew' | 'chat';
}

type Part = (names: Names, place: number) => readonly object[];

function idOf({ key, ids }: Names, prefix: string): { readonly id: string } {
  return { id: ids === 'chat' ? `chatcmpl-${key}` : `${prefix}_${key}` };
}

function callIdOf({ key, ids }: Names, place: number): string {
  return ids === 'anew' ? `roll:${place}` : `call_${key}_${place}`;
}

const status = 'completed';
const say: Part = (names) => [
  {
    type: 'message',
    role: 'assistant',
    status,
    ...idOf(names, 'msg'),
    content: [{ type: 'output_text', text: 'Done.' }],
  },
];
const think: Part = (names) => [
  { type: 'reasoning', id: `rs_${names.key}`, content: [{ type: 'input_text', text: 'hm' }] },
];
const thinkRaw: Part = () => [
  { type: 'reasoning', content: [], rawContent: [{ type: 'reasoning_text', text: 'hm' }] },
];
const callFunction: Part = (names, place) => {
  const callId = callIdOf(names, place);
  return [
    { type: 'function_call', ...idOf(names, `fc_${place}`), callId, name: 'roll', arguments: '{}', status },
    { type: 'function_call_result', callId, name: 'roll', status, output: { type: 'text', text: '7' } },
  ];
};
/** A call of each other kind, and its result. */
const OTHER_CALLS: readonly Part[] = [
  (names, place) => {
    const callId = callIdOf(names, place);
    return [
      {
        type: 'computer_call',
        ...idOf(names, `cu_${place}`),
        callId,
        status,
        action: { type: 'screenshot' },
      },
      { type: 'computer_call_result', callId, output: { type: 'computer_screenshot', data: PIXEL } },
    ];
  },
  (names, place) => {
    const callId = callIdOf(names, place);
    const outcome = { type: 'exit', exitCode: 0 };
    return [
      { type: 'shell_call', ...idOf(names, `sh_${place}`), callId, status, action: { commands: ['ls'] } },
      { type: 'shell_call_output', callId, output: [{ stdout: '', stderr: '', outcome }] },
    ];
  },
  (names, place) => {
    const callId = callIdOf(names, place);
    const operation = { type: 'delete_file', path: 'a' };
    return [
      { type: 'apply_patch_call', ...idOf(names, `apc_${place}`), callId, status, operation },
      { type: 'apply_patch_call_output', callId, status },
    ];
  },
  (names, place) => {
    const call_id = callIdOf(names, place);
    return [
      {
        type: 'unknown',
        ...idOf(names, `ctc_${place}`),
        providerData: { type: 'custom_tool_call', call_id, name: 'roll', input: '' },
      },
      { type: 'unknown', providerData: { type: 'custom_tool_call_output', call_id, output: '7' } },
    ];
  },
  (names, place) => {
    const call_id = callIdOf(names, place);
    return [
      {
        type: 'tool_search_call',
        ...idOf(names, `tsc_${place}`),
        execution: 'client',
        call_id,
        arguments: {},
      },
      { type: 'tool_search_output', execution: 'client', call_id, tools: [] },
    ];
  },
  (names, place) => {
    const callId = callIdOf(names, place);
    const caller = { type: 'program', callerId: `prog_${callId}` };
    return [
      {
        type: 'program',
        ...idOf(names, `prg_${place}`),
        callId: caller.callerId,
        code: 'roll()',
        fingerprint: 'x',
      },
      {
        type: 'function_call',
        ...idOf(names, `fc_${place}`),
        callId,
        name: 'roll',
        arguments: '{}',
        status,
        caller,
      },
      { type: 'function_call_result', callId, name: 'roll', status, output: '7', caller },
      {
        type: 'program_output',
        ...idOf(names, `pro_${place}`),
        callId: caller.callerId,
        output: '7',
        status,
      },
    ];
  },
];
const HOSTED_CALLS: readonly Part[] = Object.entries(HOSTED).map(
  ([type, data]): Part =>
    (names, place) => {
      const { id } = idOf(names, `${type}_${place}`);
      const call = { type: 'hosted_tool_call', id, name: type, status, providerData: { id, type, ...data } };
      const providerData = { type: 'mcp_approval_response', approve: true, approval_request_id: id };
      const answer = { type: 'hosted_tool_call', name: 'mcp_approval_response', providerData };
      return type === 'mcp_approval_request' ? [call, answer] : [call];
    },
);

const anyCall = fc.oneof(
  { weight: 3, arbitrary: fc.constant(callFunction) },
  { weight: 2, arbitrary: fc.constantFrom(...OTHER_CALLS) },
  { weight: 2, arbitrary: fc.constantFrom(...HOSTED_CALLS) },
);
/** What a model answers: thoughts, text, calls one after the other or side by side. */
function answerOf(call: fc.Arbitrary<Part>): fc.Arbitrary<(names: Names) => object[]> {
  return fc
    .record({
      thinks: fc.constantFrom<readonly Part[]>([], [think], [thinkRaw], [think, thinkRaw]),
      says: fc.boolean(),
      calls: fc.array(call, { maxLength: 3 }),
      together: fc.boolean(),
    })
    .map(({ thinks, says, calls, together }) => (names) => {
      const pairs = calls.map((part, place) => part(names, place));
      const acts = together
        ? [...pairs.map(([first]) => first ?? []), ...pairs.map((pair) => pair.slice(1))]
        : pairs;
      const speaks = says || calls.length === 0 ? say(names, 0) : [];
      return [...thinks.flatMap((part) => part(names, 0)), ...speaks, ...acts.flat()].flat();
    });
}

/** Turns as runs store them, whole; every item is the API's own. */
function turnsOf(call: fc.Arbitrary<Part>, ids: fc.Arbitrary<Names['ids']>): fc.Arbitrary<object[][]> {
  return fc
    .tuple(ids, fc.array(fc.array(answerOf(call), { minLength: 1, maxLength: 3 }), { maxLength: 4 }))
    .map(([kind, turns]) =>
      turns.map((answers, turn) => [
        { type: 'message', role: 'user', content: `question ${turn}` },
        ...answers.flatMap((answer, place) => answer({ key: `${turn}${place}`, ids: kind })),
      ]),
    );
}

const anyTurns = turnsOf(anyCall, fc.constantFrom('own', 'anew', 'chat'));
/** Turns that were cut off at any place: stopped, refused, crashed. */
const cutTurns = anyTurns.chain((turns) =>
  fc
    .array(fc.nat({ max: 12 }), { minLength: turns.length, maxLength: turns.length })
    .map((cuts) => turns.flatMap((turn, place) => turn.slice(0, 1 + (cuts[place] ?? 0)))),
);
/** Turns with items lost, doubled, moved or of somebody else between them. */
const tornTurns = fc
  .tuple(
    anyTurns,
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('lose', 'double', 'move', 'add'), randomItem), {
      maxLength: 4,
    }),
  )
  .map(([turns, changes]) => {
    const items = turns.flat();
    for (const [from, to, how, stranger] of changes) {
      const place = from % (items.length + 1);
      const taken = how === 'lose' || how === 'move' ? items.splice(place, 1) : items.slice(place, place + 1);
      if (how !== 'lose') items.splice(to % (items.length + 1), 0, ...(how === 'add' ? [stranger] : taken));
    }
    return items;
  });

/** Any history that a store may hold. */
export const randomHistory = fc.oneof(
  fc.array(randomItem, { maxLength: 12 }),
  cutTurns,
  tornTurns,
) as fc.Arbitrary<AgentInputItem[]>;

/** Histories that OpenAI's APIs mostly take as they are. */
export const soundHistories = {
  responses: turnsOf(anyCall, fc.constant('own')).map((turns) => turns.flat()),
  chat_completions: turnsOf(fc.constant(callFunction), fc.constantFrom('own', 'anew', 'chat')).map((turns) =>
    turns.flat(),
  ),
} as Readonly<Record<'responses' | 'chat_completions', fc.Arbitrary<AgentInputItem[]>>>;
