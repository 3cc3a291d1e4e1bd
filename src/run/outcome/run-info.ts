import type { RunRow, RunStatus } from '../../store/runs/runs.ts';
import type { PendingCall, StreamCompleteEvent } from '../../wire/events.ts';
import type { Problem } from '../../wire/problem-schema.ts';
import type { Usage } from '../../wire/usage.ts';
import { readOutcome } from './run-outcome.ts';

/** What is stored of a run. */
export interface RunInfo {
  /** For `Runs.find`, `cancel` and `decide`. */
  readonly runId: string;
  /** Whose run it is. */
  readonly userId: string;
  /** Null in a run without memory. */
  readonly chatId: string | null;
  /** The name of the agent that it began with. */
  readonly agent: string;
  /** What has become of it. */
  readonly status: RunStatus;
  /** By the clock of the database. */
  readonly startedAt: Date;
  /** Null while it runs or waits. */
  readonly endedAt: Date | null;
  /** What the model was used for, in its tokens; null until something is known. */
  readonly usage: Usage | null;
  /** Text, or what the agent's output type says; null unless the run completed. */
  readonly finalOutput: unknown;
  /** What the model said when it refused to answer. */
  readonly refusal: string | null;
  /** The provider's id of the last answer. */
  readonly responseId: string | null;
  /** Why the answer is not whole: the model's limit, the provider's filter, its stream ended early. */
  readonly incomplete: StreamCompleteEvent['incomplete'];
  /** How many of the oldest turns the model did not get, because the provider said they are too long. */
  readonly omittedTurns: number;
  /** How it failed: what `result()` throws, as HTTP tells it. Null unless it ended without completing. */
  readonly error: Problem | null;
  /** The calls that wait for `Runs.decide`; none unless the status is `awaiting_approval`. */
  readonly pending: readonly PendingCall[];
  /** The number of its last event, once it has ended or paused. */
  readonly lastEvent: number;
}

/** A row of `runs` with what its JSON says. */
export function toRunInfo(row: RunRow): RunInfo {
  const outcome = readOutcome(row.outcome);
  return {
    runId: row.runId,
    userId: row.userId,
    chatId: row.chatId,
    agent: row.agent,
    status: row.status,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    usage: parse(row.usage),
    finalOutput: outcome.final_output,
    refusal: outcome.refusal,
    responseId: outcome.response_id,
    incomplete: outcome.incomplete,
    omittedTurns: outcome.omitted_turns,
    error: parse(row.error),
    pending: parse(row.pending) ?? [],
    lastEvent: row.lastEvent,
  };
}

function parse<Value>(text: string | null): Value | null {
  return text === null ? null : (JSON.parse(text) as Value);
}
