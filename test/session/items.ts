import type { AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';

/** A message of the user. */
export function userSays(text: string): AgentInputItem {
  return { role: 'user', content: text };
}

/** A message of the agent, as the SDK stores it. */
export function agentSays(text: string): AgentInputItem {
  return {
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text }],
  };
}

/** `first`, `first + 1`, … as `count` messages of the user. */
export function numbered(count: number, first = 0): AgentInputItem[] {
  return Array.from({ length: count }, (_, index) => userSays(String(first + index)));
}

/** A call with one of few ids, so that several calls of one history share an id. */
export const anyFunctionCall = fc.record({
  type: fc.constant('function_call' as const),
  callId: fc.constantFrom('call-1', 'call-2', 'call-3'),
  name: fc.constantFrom('roll', 'look'),
  status: fc.constant('completed' as const),
  arguments: fc.constantFrom('{}', '{"sides":6}', '{"text":"\\u0000"}'),
});

/** Items that the SDK's own schema accepts, from a small world, so that equal ones meet often. */
export const anyItem: fc.Arbitrary<AgentInputItem> = fc.oneof(
  fc.constantFrom('hello', '', 'a\u0000b', '\ud83d lone', 'ünï 🐉').map(userSays),
  fc.constantFrom('yes', 'no').map(agentSays),
  anyFunctionCall,
  anyFunctionCall.map(({ callId, name }) => ({
    type: 'function_call_result' as const,
    callId,
    name,
    status: 'completed' as const,
    output: { type: 'text' as const, text: 'done' },
  })),
  fc.constant<AgentInputItem>({
    type: 'reasoning',
    id: 'rs_1',
    content: [{ type: 'input_text', text: 'hm' }],
    providerData: { 10: 'ten', 9: 'nine', encrypted_content: 'x' },
  }),
  fc.constant<AgentInputItem>({ type: 'unknown', providerData: { kind: 'new', n: 1e21 } }),
);

/** The same value with the keys of its objects the other way round. */
export function reordered<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reordered) as Value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, member]) => [key, reordered(member)])) as Value;
}
