import type { Model } from '@openai/agents-core';
import type { Tokens } from '../../store/usage/count-call.ts';

/** More than any model takes or gives: who says so is wrong. */
const MAX_TOKENS = 1e12;
const MAX_NAME_LENGTH = 200;

/**
 * What a provider, or the SDK, says a call was used for, whatever that holds: in the words of the SDK, of the Responses API and
 * of Chat Completions. Undefined: it does not say.
 */
export function readTokens(usage: unknown): Tokens | undefined {
  if (!isRecord(usage)) return undefined;
  const given = (...names: readonly string[]) =>
    names.map((name) => toCount(usage[name])).find((count) => count > 0) ?? 0;
  const input = given('inputTokens', 'input_tokens', 'prompt_tokens');
  const output = given('outputTokens', 'output_tokens', 'completion_tokens');
  const total = Math.max(given('totalTokens', 'total_tokens'), input + output);
  if (total === 0) return undefined;
  const ofInput = [usage.inputTokensDetails, usage.input_tokens_details, usage.prompt_tokens_details];
  const ofOutput = [usage.outputTokensDetails, usage.output_tokens_details, usage.completion_tokens_details];
  return {
    input,
    cachedInput: Math.min(input, sumOf(ofInput, 'cached_tokens', 'cachedTokens')),
    output,
    reasoning: Math.min(output, sumOf(ofOutput, 'reasoning_tokens', 'reasoningTokens')),
    total,
  };
}

/** The first of these details that there are: an object, or in the SDK a list of them. */
function sumOf(details: readonly unknown[], ...names: readonly string[]): number {
  const parts = [details.find((one) => one != null)].flat().filter(isRecord);
  return parts.reduce(
    (sum, part) => sum + (names.map((name) => toCount(part[name])).find((count) => count > 0) ?? 0),
    0,
  );
}

/** Some servers write numbers as text. */
export function toCount(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,13}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number > 0 && number <= MAX_TOKENS ? Math.round(number) : 0;
}

const combine = (one: Tokens, other: Tokens, how: (a: number, b: number) => number): Tokens => ({
  input: how(one.input, other.input),
  cachedInput: how(one.cachedInput, other.cachedInput),
  output: how(one.output, other.output),
  reasoning: how(one.reasoning, other.reasoning),
  total: how(one.total, other.total),
});

export function addTokens(one: Tokens, other: Tokens): Tokens {
  return combine(one, other, (a, b) => a + b);
}

/** What is over, of each kind. */
export function subtractTokens(from: Tokens, other: Tokens): Tokens {
  return combine(from, other, (a, b) => Math.max(0, a - b));
}

/** The name that a model itself gives, under which it is asked for. */
export function nameOf(model: Model): string | undefined {
  for (const key of ['modelName', '_model', 'model', 'modelId']) {
    const name = toName(Reflect.get(model, key));
    if (name !== undefined) return name;
  }
  return undefined;
}

/** As it can be stored. */
export function toName(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  const text = name
    .slice(0, MAX_NAME_LENGTH)
    .replaceAll('\u0000', '')
    .replace(/^\ufeff+/, '')
    .toWellFormed();
  return text.trim() === '' ? undefined : text;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
