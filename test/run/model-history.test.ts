import type { AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { toModelInput } from '../../src/run/model-input/model-input.ts';
import { pairCalls } from '../../src/run/model-input/pair-calls.ts';
import { cutToWindow, type HistoryWindow } from '../../src/run/model-input/window.ts';
import { faultOfItems } from '../support/strict/request-of.ts';

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

/** What a run's session gives to the SDK of a history, and the input of the run. */
function view(
  items: readonly AgentInputItem[],
  input: readonly AgentInputItem[],
  options: HistoryWindow = {},
) {
  return pairCalls([...cutToWindow(items, input, options), ...input]);
}

const next = user('next');

test('whatever is stored, no window splits a call from its result or reasoning from what followed it', async () => {
  await fc.assert(
    fc.asyncProperty(history, window, async (items, options) => {
      const given = toModelInput(view(items, [next], options), 'responses');
      expect(await faultOfItems('responses', given)).toBeUndefined();
      expect(given.at(-1)).toEqual(next);
    }),
    { numRuns: 1_000 },
  );
});

test('a window begins at a turn, and without one nothing is left out that has its other half', () => {
  fc.assert(
    fc.property(history, window, (items, options) => {
      const messages = (list: readonly AgentInputItem[]) => list.filter((item) => 'role' in item);
      const said = messages(items);
      const some = messages(view(items, [], options));
      expect(messages(view(items, []))).toEqual(said);
      expect(said.slice(said.length - some.length)).toEqual(some);
      const [first] = some;
      if (some.length < said.length && first !== undefined) expect(first).toMatchObject({ role: 'user' });
    }),
    { numRuns: 1_000 },
  );
});

test('a window has so many turns or those that fit, and the new message always', () => {
  const turn = (n: number) => [user(`q${n}`), call(`c${n}`), result(`c${n}`), assistant(`a${n}`)];
  const items = [1, 2, 3].flatMap(turn);
  const cut = (options: HistoryWindow, input = [next]) => cutToWindow(items, input, options);
  expect(cut({ turns: 3 })).toEqual(items.slice(4));
  expect(cut({ turns: 1 })).toEqual([]);
  const countTokens = () => 10;
  expect(cut({ tokens: 90, countTokens })).toEqual(items.slice(4));
  expect(cut({ tokens: 89, countTokens })).toEqual(items.slice(8));
  expect(cut({ tokens: 1, countTokens })).toEqual([]);
  expect(cut({ tokens: 90, countTokens }, [next, next, next, next, next])).toEqual(items.slice(8));
});

test('messages that were never answered are turns of their own: a window of two turns has one of a thousand', () => {
  const unanswered = Array.from({ length: 1_000 }, (_, n) => user(`q${n}`));
  expect(cutToWindow(unanswered, [next], { turns: 2 })).toEqual([user('q999')]);
});

test('ten times as many calls with one id take ten times as many looks at the ids that are taken', () => {
  const looks = vi.spyOn(Set.prototype, 'has');
  onTestFinished(() => looks.mockRestore());
  const countLooks = (calls: number) => {
    const items = Array.from({ length: calls }, () => [call('x'), result('x')]).flat();
    looks.mockClear();
    const paired = pairCalls(items);
    const count = looks.mock.calls.length;
    expect(new Set(paired.map((item) => 'callId' in item && item.callId)).size).toBe(calls);
    return count;
  };
  // A hundred times as many when each id is sought from the first.
  expect(countLooks(1_000)).toBeLessThan(11 * countLooks(100));
});
