import { ModelRefusalError, type RunErrorHandlerInput } from '@openai/agents-core';
import type { ChatAgent, ChatContext } from '../types.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** What the model says in place of an answer. It is one: the run completes with it. */
export class Refusal {
  readonly #output: OutputBuffer;
  #text: string | null = null;
  #isOutput = true;

  constructor(output: OutputBuffer) {
    this.#output = output;
  }

  /** What the model said; null when it did not refuse. */
  get text(): string | null {
    return this.#text;
  }

  /** The output of a run that completed: null when the model refused what is not text. */
  outputOf(result: { readonly finalOutput?: unknown }): unknown {
    return this.#isOutput ? (result.finalOutput ?? null) : null;
  }

  /** For the SDK's `errorHandlers`: makes it the final output. The message is in the history as it came. */
  readonly handle = ({ error, runData }: RunErrorHandlerInput<ChatContext, ChatAgent>) => {
    const isText = runData.lastAgent?.outputType === 'text';
    // What is not of the output type, no guardrail for it can judge.
    const isJudged = isText || !this.#output.hasGuardrail(runData.lastAgent as ChatAgent);
    if (!(error instanceof ModelRefusalError && isJudged)) return undefined;
    this.#text = error.refusal;
    this.#isOutput = isText;
    return isText ? { finalOutput: error.refusal, includeInHistory: false } : undefined;
  };

  /** Whether this is how the SDK ends a run with a refusal that is not of the agent's output type. */
  isEnd(error: unknown): boolean {
    return error instanceof ModelRefusalError && this.#text !== null;
  }
}
