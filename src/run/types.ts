import type { Agent, StreamRunOptions } from '@openai/agents-core';
import type { EventText } from '../store/runs/run-events.ts';
import type { Accepts } from '../wire/agents.ts';
import type { ApprovalRequiredEvent, RunEvent, StreamCompleteEvent } from '../wire/events.ts';

/** What every tool of an agent gets as its run context. */
export interface ChatContext {
  readonly userId: string;
  /** Null for a run without memory. */
  readonly chatId: string | null;
  readonly runId: string;
  /** What the client sent as `context` in its request: input of a stranger, not to be trusted. */
  readonly request: Readonly<Record<string, unknown>>;
}

/** An agent of the SDK; its tools get a `ChatContext`. */
// biome-ignore lint/suspicious/noExplicitAny: as in the SDK's own `run`: an agent is invariant in both parameters.
export type ChatAgent = Agent<any, any>;

/**
 * Options of the SDK's `run()` that make sense for a stored run; each goes before that of `RunsOptions.runner`. The
 * history, the context, the session and the signal are Questlog's own.
 *
 * `maxTurns`: how often the model may be called until the run ends with `run_failed`, or as `errorHandlers` says; null
 * for no limit, 10 by default. `sessionInputCallback` gets the whole history, whose end is the input of this run, and no
 * new items: it decides what the model gets, not what is stored. After a pause a run keeps the `maxTurns` that it began
 * with; functions cannot be stored, so the others are then those that its agent is registered with.
 */
export type RunOptions = Readonly<
  Pick<
    StreamRunOptions<ChatContext, ChatAgent>,
    | 'maxTurns'
    | 'errorHandlers'
    | 'sessionInputCallback'
    | 'callModelInputFilter'
    | 'toolErrorFormatter'
    | 'outputGuardrailBlockedMessage'
    | 'reasoningItemIdPolicy'
    | 'tracing'
    | 'sandbox'
    | 'toolExecution'
    | 'toolNotFoundBehavior'
    | 'toolNameCollisionPolicy'
  >
>;

/** The log of a run: ids and numbers, never content. */
export interface RunLog {
  /** What happened as it should. */
  info(fields: Record<string, unknown>, message: string): void;
  /** What did not. */
  warn(fields: Record<string, unknown>, message: string): void;
  /** A log with these fields in each of its lines. */
  child(fields: Record<string, unknown>): RunLog;
}

/** A request to run an agent. */
export interface RunRequest {
  /** Who answers. */
  readonly agent: ChatAgent;
  /** Who asks: the owner of the chat and of the run. */
  readonly userId: string;
  /** Text of the user, or items of the SDK. */
  readonly input: string | readonly unknown[];
  /** What the agent's model takes beside text: other parts of the input are refused. Default: all that its API takes. */
  readonly accepts?: Accepts | undefined;
  /** The chat, made if it does not exist. Undefined: a new one. Null: no memory. */
  readonly chatId?: string | null | undefined;
  /** Handed to the agent's tools as `ChatContext.request`. */
  readonly context?: Record<string, unknown> | undefined;
  /** The same key with the same request joins the run that it began. */
  readonly idempotencyKey?: string | undefined;
  /** What becomes of calls that wait for an approval: without `reject` the chat is busy with them. */
  readonly pending?: 'reject' | undefined;
  /** Take the place of those of the same name in `RunsOptions`. */
  readonly runOptions?: RunOptions | undefined;
  /** Default: nothing is logged. */
  readonly log?: RunLog | undefined;
}

/** How a run ended that did not fail: with its answer, or at calls that wait for an approval. */
export type RunResult = StreamCompleteEvent | ApprovalRequiredEvent;

/** An event of a run with its number within the run, from 1. */
export interface NumberedEvent {
  /** From 1, and only growing. */
  readonly id: number;
  /** What happened. */
  readonly event: RunEvent;
}

/** A run. It goes on whether its events are read or not. */
export interface Run {
  /** For `Runs.find`, `cancel` and `decide`. */
  readonly runId: string;
  /** Null in a run without memory. */
  readonly chatId: string | null;
  /** Whether an earlier request with the same key began it. */
  readonly joined: boolean;
  /**
   * Its events, those to come included, until it ends or pauses, or until `signal` aborts.
   *
   * @param after only those after this number. Default: all.
   */
  events(after?: number, signal?: AbortSignal): AsyncGenerator<NumberedEvent>;
  /** As `events`, each as the JSON text that every reader gets. */
  eventTexts(after?: number, signal?: AbortSignal): AsyncGenerator<EventText>;
  /**
   * Waits for its end or pause, or until `signal` aborts.
   *
   * @throws QuestlogError how it failed; the reason of the signal.
   */
  result(signal?: AbortSignal): Promise<RunResult>;
  /** Lets a shutdown wait a moment for what a client still has to receive. */
  deliver(received: Promise<unknown>): void;
}
