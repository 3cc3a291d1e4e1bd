import type { Usage as SdkUsage } from '@openai/agents-core';
import type { Usage } from '../../wire/usage.ts';

/** The SDK's usage as clients get it. */
export function toUsage(usage: SdkUsage): Usage {
  return {
    requests: usage.requests,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens,
  };
}
