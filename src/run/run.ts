import type { Agent } from '@openai/agents-core';
import type { RunEvent, StreamCompleteEvent } from '../wire/events.ts';
import type { EventLog } from './event-log.ts';

/** An agent of the SDK; its tools get a `ChatContext`. */
// biome-ignore lint/suspicious/noExplicitAny: as in the SDK's own `run`: an agent is invariant in both parameters.
export type ChatAgent = Agent<any, any>;

/** What a run tells its operator: ids and numbers, never content. */
export interface RunLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  child(fields: Record<string, unknown>): RunLog;
}

/** What somebody asks an agent to do. */
export interface RunRequest {
  readonly agent: ChatAgent;
  readonly userId: string;
  /** Text of the user, or items of the SDK. */
  readonly input: string | readonly unknown[];
  /** The chat, made if it does not exist. Undefined: a new one. Null: no memory. */
  readonly chatId?: string | null | undefined;
  /** Handed to the agent's tools as `ChatContext.request`. */
  readonly context?: Record<string, unknown> | undefined;
  readonly log: RunLog;
}

/** How a run that succeeded ended. */
export type RunOutcome = Omit<StreamCompleteEvent, 'type'>;

/** A run that has begun. It goes on whether anybody reads its events or not. */
export interface Run {
  readonly runId: string;
  /** Null in a run without memory. */
  readonly chatId: string | null;
  readonly events: EventLog<RunEvent>;
  /** Rejects with a `QuestlogError` when the run fails. */
  readonly outcome: Promise<RunOutcome>;
}
