import { type AgentInputItem, protocol } from '@openai/agents-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isReadable } from '../../src/run/model-input/readable.ts';
import { forModel } from '../../src/session/for-model.ts';
import { randomHistory } from './random-history.ts';

const junk = () => fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant([]), fc.constant({}));
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.oneof({ weight: 4, arbitrary: value }, junk());
const part = (kind: string) =>
  fc.record({ type: maybe(fc.constant(kind)), text: maybe(fc.string()) }, { requiredKeys: ['type'] });
const item = fc.oneof(
  fc.record(
    {
      type: maybe(fc.constant('message')),
      role: maybe(fc.constantFrom('user', 'assistant', 'system')),
      status: maybe(fc.constantFrom('completed', 'incomplete', 'in_progress')),
      content: maybe(fc.oneof(fc.string(), fc.array(part('output_text')), fc.array(part('input_text')))),
    },
    { requiredKeys: ['role'] },
  ),
  fc.record(
    {
      type: fc.constantFrom('function_call', 'function_call_result', 'reasoning', 'unknown'),
      callId: maybe(fc.string()),
      name: maybe(fc.string()),
      arguments: maybe(fc.string()),
      status: maybe(fc.constantFrom('completed', 'incomplete', 'in_progress')),
      output: maybe(fc.oneof(fc.string(), part('text'))),
    },
    { requiredKeys: ['type'] },
  ),
);

const anyItem = fc.oneof(
  item,
  randomHistory.filter(({ length }) => length > 0).map(([first]) => first),
  junk(),
);

test('an item is readable when the SDK’s own schema says so', () => {
  fc.assert(
    fc.property(anyItem, (made) => {
      const one = made as unknown as AgentInputItem;
      expect(isReadable(one)).toBe(protocol.ModelItem.safeParse(forModel(one)).success);
    }),
    { numRuns: 2_000 },
  );
});
