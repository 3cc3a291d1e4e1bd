import { setTimeout as sleep } from 'node:timers/promises';
import { Runner } from '@openai/agents-core';
import type { Database } from '../db/database.ts';
import { QuestlogError } from '../errors.ts';
import { assertId, newId } from '../ids.ts';
import type { RunEvent } from '../wire/events.ts';
import { describeError } from './describe-error.ts';
import { EventLog } from './event-log.ts';
import { execute } from './execute.ts';
import type { Run, RunLog, RunRequest } from './run.ts';
import { readInput } from './run-input.ts';
import { RunSession } from './run-session.ts';

export interface RunsOptions {
  readonly db: Database;
  /** How agents are run. Default: without tracing, so that nothing leaves for anybody but the model. */
  readonly runner?: Runner | undefined;
  /** A run that takes longer ends with `model_timeout`. Default: 10 minutes. */
  readonly timeoutMs?: number | undefined;
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 10 * 60_000;
/** Cancelled runs get this long to end: more than a run waits for a deaf tool. */
const CANCEL_MS = 1_000;

/** The runs of this process. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #runner: Runner;
  readonly #active = new Map<Promise<void>, AbortController>();
  #closing = false;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#runner = options.runner ?? new Runner({ tracingDisabled: true });
  }

  /**
   * Stores the input, then begins a run on it.
   *
   * @throws QuestlogError `invalid_request`, `invalid_item`, `chat_not_found`, `shutting_down`: nothing has begun.
   */
  async start(request: RunRequest): Promise<Run> {
    if (this.#closing) throw new QuestlogError('shutting_down', 'the server is shutting down');
    const { agent, userId } = request;
    const { db, maxItemBytes } = this.#options;
    const input = readInput(request.input);
    const runId = newId();
    const chatId = request.chatId === undefined ? newId() : request.chatId;
    if (chatId !== null) assertId('session_id', chatId);
    const session =
      chatId === null
        ? undefined
        : await RunSession.begin(db, { chatId, userId, runId, input, maxItemBytes });
    const events = new EventLog<RunEvent>();
    const abort = new AbortController();
    const context = { userId, chatId, runId, request: request.context ?? {} };
    const { signal } = abort;
    const outcome = execute(this.#runner, { agent, input, context, session, events, signal });
    this.#watch(outcome, abort, request.log.child({ run_id: runId, chat_id: chatId, agent: agent.name }));
    return { runId, chatId, events, outcome };
  }

  /** Refuses new runs, lets the running ones finish for `graceMs`, then cancels them. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const allEnded = () => Promise.all(this.#active.keys());
    await Promise.race([allEnded(), sleep(graceMs, undefined, { ref: false })]);
    for (const abort of this.#active.values()) {
      abort.abort(new QuestlogError('run_cancelled', 'the run was cancelled: the server is shutting down'));
    }
    await Promise.race([allEnded(), sleep(CANCEL_MS, undefined, { ref: false })]);
  }

  #watch(outcome: Run['outcome'], abort: AbortController, log: RunLog): void {
    const began = performance.now();
    const timer = setTimeout(() => {
      abort.abort(new QuestlogError('model_timeout', 'the run took too long and was ended'));
    }, this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const elapsed = () => Math.round(performance.now() - began);
    log.info({}, 'run started');
    const ended: Promise<void> = outcome
      .then(
        ({ usage }) => log.info({ duration_ms: elapsed(), usage }, 'run completed'),
        (error: unknown) => log.warn({ duration_ms: elapsed(), error: describeError(error) }, 'run failed'),
      )
      .finally(() => {
        clearTimeout(timer);
        this.#active.delete(ended);
      });
    this.#active.set(ended, abort);
  }
}
