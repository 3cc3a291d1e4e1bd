import type {
  AgentInputItem,
  MemorySession,
  SessionHistoryRewriteArgs,
  SessionHistoryTransactionArgs,
} from '@openai/agents-core';
import fc from 'fast-check';
import type { DatabaseSession } from '../../src/index.ts';
import { anyFunctionCall, anyItem, reordered, userSays } from './items.ts';

/** One call on a session, as data: what it does may depend on the history that is there when its turn comes. */
export type Step =
  | { readonly call: 'getItems'; readonly limit: number | undefined }
  | { readonly call: 'addItems'; readonly items: AgentInputItem[] }
  | { readonly call: 'popItem' | 'clearSession' }
  | { readonly call: 'append'; readonly operationId: string; readonly items: AgentInputItem[] }
  | {
      readonly call: 'replaceSuffix';
      readonly operationId: string;
      /** How many of the newest items are expected at the end. */
      readonly length: number;
      readonly suffix: 'as stored' | 'reordered' | 'with another' | 'one too many';
      readonly replacement: AgentInputItem[];
    }
  | { readonly call: 'repeat'; readonly which: number }
  | { readonly call: 'mutate'; readonly mutations: SessionHistoryRewriteArgs['mutations'] };

const LIMITS = [undefined, 0, 1, 2, 3, 7, -1, -0, 1.5, 0.2, -0.5, 1e9, 2 ** 53, 1e300, Infinity, -Infinity];

const someItems = fc.array(anyItem, { maxLength: 4 });
/** Few, so that they are used again; one is blank, which is refused. */
const anyOperationId = fc.constantFrom('op-1', 'op-2', 'op-3', 'ö 🐉', '  ');

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ call: fc.constant('addItems' as const), items: someItems }) },
  {
    weight: 3,
    arbitrary: fc.record({ call: fc.constant('getItems' as const), limit: fc.constantFrom(...LIMITS) }),
  },
  { weight: 2, arbitrary: fc.record({ call: fc.constant('popItem' as const) }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('clearSession' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constant('append' as const),
      operationId: anyOperationId,
      items: someItems,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constant('replaceSuffix' as const),
      operationId: anyOperationId,
      length: fc.nat(3),
      suffix: fc.constantFrom('as stored', 'as stored', 'reordered', 'with another', 'one too many'),
      replacement: someItems,
    }),
  },
  { weight: 3, arbitrary: fc.record({ call: fc.constant('repeat' as const), which: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      call: fc.constant('mutate' as const),
      mutations: fc.array(
        anyFunctionCall.map((replacement) => ({
          type: 'replace_function_call' as const,
          callId: replacement.callId,
          replacement: { ...replacement, arguments: '{"edited":true}' },
        })),
        { maxLength: 2 },
      ),
    }),
  },
);

/** The life of one chat. */
export const anySteps = fc.array(anyStep, { minLength: 4, maxLength: 16, size: 'max' });

/** A step with everything decided: the same can be called on two sessions. */
export type Call = (session: DatabaseSession | MemorySession) => Promise<unknown>;

/** Decides what a step does to a session with this history, and remembers its transactions for `repeat`. */
export function toCall(
  step: Step,
  history: AgentInputItem[],
  earlier: SessionHistoryTransactionArgs[],
): Call {
  switch (step.call) {
    case 'getItems':
      return (session) => session.getItems(step.limit);
    case 'addItems':
      return (session) => session.addItems(step.items);
    case 'popItem':
    case 'clearSession':
      return (session) => session[step.call]();
    case 'mutate':
      return (session) => session.applyHistoryMutations({ mutations: step.mutations });
    case 'repeat':
      return transactionCall(earlier.at(-1 - step.which));
    case 'append':
    case 'replaceSuffix': {
      const args = toTransaction(step, history);
      earlier.push(args);
      return transactionCall(args);
    }
  }
}

function transactionCall(args: SessionHistoryTransactionArgs | undefined): Call {
  if (args === undefined) return () => Promise.resolve();
  return (session) => session.applyHistoryTransaction(args);
}

function toTransaction(
  step: Extract<Step, { operationId: string }>,
  history: AgentInputItem[],
): SessionHistoryTransactionArgs {
  const { operationId } = step;
  if (step.call === 'append') {
    return { operationId, transaction: { type: 'append_items', items: step.items } };
  }
  const expectedSuffix = spoiled(step.length === 0 ? [] : history.slice(-step.length), step.suffix, history);
  return {
    operationId,
    transaction: { type: 'replace_suffix', expectedSuffix, replacement: step.replacement },
  };
}

function spoiled(
  suffix: AgentInputItem[],
  how: Extract<Step, { call: 'replaceSuffix' }>['suffix'],
  history: AgentInputItem[],
): AgentInputItem[] {
  switch (how) {
    case 'as stored':
      return suffix;
    case 'reordered':
      return suffix.map(reordered);
    case 'with another':
      return [...suffix.slice(1), userSays('never said')];
    case 'one too many':
      return [userSays('never said'), ...history];
  }
}
