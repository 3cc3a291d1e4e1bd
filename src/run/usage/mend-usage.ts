import { Usage } from '@openai/agents-core';
import { isRecord, readTokens } from './read-tokens.ts';
import { NO_TOKENS } from './usage-counter.ts';

/** What a provider says of a call, as the SDK takes it: a run does not fail for a number that is none. */
export function mendUsage<Given extends object>(usage: Given): Given {
  if (isRecord(usage) && NUMBERS.every((name) => isNumber(usage[name])) && DETAILS.every(fits(usage)))
    return usage;
  const { input, cachedInput, output, reasoning, total } = readTokens(usage) ?? NO_TOKENS;
  return new Usage({
    requests: 1,
    inputTokens: input,
    outputTokens: output,
    totalTokens: total,
    inputTokensDetails: { cached_tokens: cachedInput },
    outputTokensDetails: { reasoning_tokens: reasoning },
  }) as unknown as Given;
}

const NUMBERS = ['inputTokens', 'outputTokens', 'totalTokens'];
const DETAILS = ['inputTokensDetails', 'outputTokensDetails'];

function fits(usage: Readonly<Record<string, unknown>>): (name: string) => boolean {
  return (name) => {
    const details = usage[name];
    return (
      details === undefined ||
      [details].flat().every((part) => isRecord(part) && Object.values(part).every(isNumber))
    );
  };
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}
