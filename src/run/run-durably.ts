import { type Checks, checkOptions } from '../options.ts';
import type { PendingCall } from '../wire/events.ts';
import type { Usage } from '../wire/usage.ts';
import { REQUEST_OPTIONS, RUNS_OPTIONS } from './run-options.ts';
import { Runs } from './runs.ts';
import type { RunsOptions } from './runs-options.ts';
import type { ChatAgent, RunRequest } from './types.ts';

/** No compaction takes longer. */
const CLOSE_MS = 150_000;

/** Who runs an agent, on which chat and database, and how. No title is written: it would have to be waited for. */
export interface DurableRunOptions
  extends Omit<RunsOptions, 'titles'>,
    Pick<RunRequest, 'userId' | 'chatId' | 'context' | 'idempotencyKey' | 'pending'> {}

const { userId, chatId, context, idempotencyKey, pending } = REQUEST_OPTIONS;
const { titles: _, ...RUNS } = RUNS_OPTIONS;
const OPTIONS: Checks<DurableRunOptions> = {
  ...RUNS,
  ...{ userId, chatId, context, idempotencyKey, pending },
};

/** How a run ended that did not fail. */
export interface DurableRunResult {
  /** For a `Runs`. */
  readonly runId: string;
  /** Null in a run without memory. */
  readonly chatId: string | null;
  /** Text, or what the agent's output type says; null while calls wait for an approval. */
  readonly finalOutput: unknown;
  /** What the model said when it refused to answer: the final output too, unless the agent has an output type. */
  readonly refusal: string | null;
  /** Why the answer is not whole: the model's limit, the provider's filter, its stream ended early. */
  readonly incomplete: 'length' | 'content_filter' | 'cut_off' | null;
  /** How many of the oldest turns the model did not get, because the provider said they are too long. */
  readonly omittedTurns: number;
  /** Calls that wait for `Runs.decide` (`questlog/runs`). */
  readonly pending: readonly PendingCall[];
  /** What the model was used for, in its tokens. */
  readonly usage: Usage;
}

/**
 * Runs an agent as the server does: the user's message is stored before the model is called, every finished item as
 * it is finished, and whatever ends the run, the next one works.
 *
 * @throws QuestlogError `chat_busy`, `chat_not_found`, `model_failed`, `run_failed` …; what happened is stored by then.
 */
export async function runDurably(
  agent: ChatAgent,
  input: RunRequest['input'],
  options: DurableRunOptions,
): Promise<DurableRunResult> {
  checkOptions(options, OPTIONS);
  const { userId, chatId, context, idempotencyKey, pending, ...rest } = options;
  const runs = new Runs(rest);
  try {
    const run = await runs.start({ agent, input, userId, chatId, context, idempotencyKey, pending });
    const result = await run.result();
    const done = result.type === 'stream_complete';
    return {
      runId: run.runId,
      chatId: run.chatId,
      finalOutput: done ? result.final_output : null,
      refusal: done ? result.refusal : null,
      incomplete: done ? result.incomplete : null,
      omittedTurns: done ? result.omitted_turns : 0,
      pending: done ? [] : result.pending,
      usage: result.usage,
    };
  } finally {
    // The run is over; its compaction may not be.
    await runs.close(CLOSE_MS);
  }
}
