import type { AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HistoryWindow, toModelHistory } from '../../src/run/model-input/history-view.ts';
import { type ApiItem, faultOf } from '../support/strict/responses-faults.ts';

const user = (text: string): AgentInputItem => ({ type: 'message', role: 'user', content: text });
const assistant = (text: string): AgentInputItem => ({
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text }],
});
const call = (callId: string): AgentInputItem => ({
  type: 'function_call',
  callId,
  name: 'f',
  arguments: '{}',
});
const result = (callId: string): AgentInputItem => ({
  type: 'function_call_result',
  callId,
  name: 'f',
  status: 'completed',
  output: 'ok',
});
const reasoning: AgentInputItem = { type: 'reasoning', id: 'rs', content: [] };

const id = fc.constantFrom('a', 'b', 'c');
const text = fc.constantFrom('', 'hi', 'x'.repeat(50));
/** Anything in any order, as crashes, deletions and other writers leave it. */
const history = fc.array(
  fc.oneof(text.map(user), text.map(assistant), id.map(call), id.map(result), fc.constant(reasoning)),
  { maxLength: 30 },
);
const window: fc.Arbitrary<HistoryWindow> = fc.record(
  { turns: fc.integer({ min: 1, max: 6 }), tokens: fc.integer({ min: 1, max: 300 }) },
  { requiredKeys: [] },
);

/** As the API gets it. */
function toApi(items: readonly AgentInputItem[]): ApiItem[] {
  return items.map((item) => {
    if (item.type === 'function_call') {
      const { callId, name, arguments: args } = item;
      return { type: 'function_call', call_id: callId, name, arguments: args };
    }
    if (item.type === 'function_call_result') {
      return { type: 'function_call_output', call_id: item.callId, output: 'ok' };
    }
    return 'role' in item ? { role: item.role, content: '' } : { type: 'reasoning', summary: [] };
  });
}

/** What the API refuses; calls may have the id of an earlier one, which is answered by then. */
function refusalOf(items: readonly AgentInputItem[]): string | undefined {
  let number = 0;
  const renamed = new Map<string, string>();
  const unique = toApi(items).map((item): ApiItem => {
    const { call_id: callId } = item;
    if (callId === undefined) return item;
    number += 1;
    if (item.type === 'function_call') renamed.set(callId, `${callId} ${number}`);
    return { ...item, call_id: renamed.get(callId) ?? callId };
  });
  return faultOf([...unique, { role: 'user', content: 'next' }]);
}

test('whatever is stored, no window splits a call from its result or reasoning from what followed it', () => {
  fc.assert(
    fc.property(history, window, (items, options) => {
      expect(refusalOf(toModelHistory(items, options))).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});

test('a window begins at a turn, and without one nothing is left out that has its other half', () => {
  fc.assert(
    fc.property(history, window, (items, options) => {
      const all = toModelHistory(items);
      const some = toModelHistory(items, options);
      const messages = (list: readonly AgentInputItem[]) => list.filter((item) => 'role' in item);
      expect(messages(all)).toEqual(messages(items));
      expect(messages(items).slice(messages(items).length - messages(some).length)).toEqual(messages(some));
      const [first] = messages(some);
      if (messages(some).length < messages(items).length && first !== undefined) {
        expect(first).toMatchObject({ role: 'user' });
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a window has so many turns, or those that fit, and at least the last', () => {
  const turn = (n: number) => [user(`q${n}`), call(`c${n}`), result(`c${n}`), assistant(`a${n}`)];
  const items = [1, 2, 3].flatMap(turn);
  expect(toModelHistory(items, { turns: 2 })).toEqual(items.slice(4));
  const countTokens = () => 10;
  expect(toModelHistory(items, { tokens: 80, countTokens })).toEqual(items.slice(4));
  expect(toModelHistory(items, { tokens: 79, countTokens })).toEqual(items.slice(8));
  expect(toModelHistory(items, { tokens: 1 })).toEqual(items.slice(8));
  expect(toModelHistory([user('a'), user('b'), assistant('c')], { turns: 1 })).toHaveLength(3);
});
