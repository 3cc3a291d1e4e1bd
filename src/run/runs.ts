import { Runner } from '@openai/agents-core';
import { createRetry, type Retry } from '../driver/retry.ts';
import { QuestlogError } from '../errors.ts';
import { assertId } from '../ids.ts';
import type { BegunRun } from '../store/runs/begin-run.ts';
import type { ResumedRun } from '../store/runs/resume-run.ts';
import { getRun, listRuns, type RunRow, requestCancel } from '../store/runs/runs.ts';
import type { ApprovalDecision } from '../wire/runs.ts';
import { Consumers } from './events/consumers.ts';
import { assertResumable } from './events/event-reader.ts';
import { followRun } from './events/followed-run.ts';
import { ResumableStream } from './events/resumable-stream.ts';
import { RunPoller } from './events/run-poller.ts';
import { ActiveRuns } from './execution/active-runs.ts';
import type { Beginning } from './execution/run-parts.ts';
import { makeRunSession } from './execution/run-session.ts';
import { Journal } from './journal/journal.ts';
import { AfterRuns } from './lifecycle/after-runs.ts';
import { beginOrJoin, toCancellation } from './lifecycle/begin.ts';
import { readInput } from './lifecycle/read-input.ts';
import { notWaitingError, resumeHere } from './lifecycle/resume-here.ts';
import { checkDecisions } from './lifecycle/run-state.ts';
import { Sweeper } from './lifecycle/sweeper.ts';
import { takeOverRun } from './lifecycle/takeover.ts';
import { ModelWrapper } from './model-calls/model-wrapper.ts';
import { resolveApi } from './model-calls/resolve-api.ts';
import { ToolServers } from './model-calls/tool-servers.ts';
import { type RunInfo, toRunInfo } from './outcome/run-info.ts';
import { type RunListOptions, readListOptions } from './run-list.ts';
import { checkAgent, checkRequest, checkRunOptions, checkRunsOptions } from './run-options.ts';
import { DEFAULT_EVENTS_MS, DEFAULT_LEASE_MS, DEFAULT_TIMEOUT_MS, type RunsOptions } from './runs-options.ts';
import type { ChatAgent, ChatContext, Run, RunLog, RunOptions, RunRequest, RunResult } from './types.ts';
import { RunUsage } from './usage/run-usage.ts';

/** The durable runs of a database: begins, finds, cancels and resumes them. Make one of these for a process. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #runner: Runner;
  readonly #active: ActiveRuns;
  /** By name, so that a paused run finds its agent again, and what the SDK's `run()` gets for it. */
  readonly #agents = new Map<string, { readonly agent: ChatAgent; readonly runOptions: RunOptions }>();
  readonly #leaseMs: number;
  readonly #retry: Retry;
  readonly #sweeper: Sweeper;
  readonly #afterRuns: AfterRuns;
  readonly #consumers = new Consumers();
  readonly #poller: RunPoller;
  readonly #toolServers = new ToolServers();
  readonly #usage: RunUsage;
  #closing = false;

  constructor(options: RunsOptions) {
    checkRunsOptions(options);
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS;
    this.#retry = createRetry(this.#leaseMs);
    this.#runner = options.runner ?? new Runner({ tracingDisabled: true });
    this.#active = new ActiveRuns(options.db, this.#runner, this.#leaseMs);
    const { db, compaction, titles, maxItemBytes } = options;
    this.#usage = new RunUsage({ ...options, retry: this.#retry });
    this.#poller = new RunPoller(db);
    const own = { runner: this.#runner, usage: this.#usage };
    this.#afterRuns = new AfterRuns({ db, compaction, titles, maxItemBytes, ...own });
    this.#sweeper = new Sweeper(options.db, options.eventsMs ?? DEFAULT_EVENTS_MS);
  }

  /**
   * Makes an agent known, so that its paused runs can go on in this process, with these options.
   *
   * @throws QuestlogError `invalid_request` naming the option that is wrong; `invalid_configuration` for an agent that was
   * made with another copy of the Agents SDK.
   */
  register(agent: ChatAgent, runOptions?: RunOptions): void {
    checkAgent(agent);
    checkRunOptions(runOptions);
    this.#agents.set(agent.name, { agent, runOptions: { ...this.#options.runOptions, ...runOptions } });
  }

  /**
   * Stores the input, then begins a run on it.
   *
   * @throws QuestlogError `invalid_request`, `invalid_item`, `chat_not_found`, `chat_busy`, `approval_pending`,
   * `key_reused`, `usage_limit`, `shutting_down`: nothing has begun.
   */
  async start(request: RunRequest): Promise<Run> {
    this.#assertOpen();
    checkRequest(request);
    this.register(request.agent, request.runOptions);
    const api = await resolveApi(request.agent, this.#runner);
    const { turns } = this.#options.db;
    const input = await readInput(turns, request.userId, request.input, api, request.accepts);
    const { db, maxItemBytes } = this.#options;
    const options = { maxItemBytes, leaseMs: this.#leaseMs, gate: this.#usage.gate };
    const begin = await beginOrJoin(db, request, input, options);
    if ('joins' in begin) return { ...(await this.find(request.userId, begin.joins)), joined: true };
    const { userId, runId, chatId } = begin.begun.lease;
    const context: ChatContext = { userId, chatId, runId, request: request.context ?? {} };
    const models = new ModelWrapper(this.#toolServers);
    const agent = models.wrapAgent(request.agent);
    const runOptions = { ...this.#options.runOptions, ...request.runOptions };
    return this.#launch(begin.begun, { agent, models, input, api, context, runOptions, logger: request.log });
  }

  /** @throws QuestlogError `run_not_found` when this user has no such run. */
  async get(userId: string, runId: string): Promise<RunInfo> {
    return toRunInfo(await this.#getRow(userId, runId));
  }

  /**
   * A page of a user's runs, newest first; with `status: 'awaiting_approval'` those whose calls wait for `decide`.
   *
   * @throws QuestlogError `invalid_request` naming the option that is wrong.
   */
  async list(userId: string, options: RunListOptions = {}): Promise<RunInfo[]> {
    assertId('userId', userId);
    const rows = await listRuns(this.#options.db, userId, readListOptions(options));
    return rows.map(toRunInfo);
  }

  /** A run of any process, running or ended, to follow or to wait for. */
  async find(userId: string, runId: string): Promise<Run> {
    const { chatId } = await this.#getRow(userId, runId);
    return this.#toRun(userId, runId, chatId);
  }

  /**
   * As `find`, for a consumer that has the events up to `after`.
   *
   * @throws QuestlogError `run_not_found`; `invalid_request` for a number that no event has had; `events_expired` when
   * the run is over and its later events are not kept any more.
   */
  async follow(userId: string, runId: string, after: number): Promise<Run> {
    const run = await this.#getRow(userId, runId);
    await assertResumable(this.#options.db, run, this.#active.getStream(runId), after);
    return this.#toRun(userId, runId, run.chatId);
  }

  /** Stops a run, wherever it runs: within about a second in another process. An ended run stays as it is. */
  async cancel(userId: string, runId: string): Promise<RunInfo> {
    const { db } = this.#options;
    await this.#getRow(userId, runId);
    const stop = () => requestCancel(db, userId, runId);
    const cancelPaused = () => takeOverRun(db, userId, runId, toCancellation());
    // It may pause, or go on after a pause, at the same time.
    if ((await stop()) || (!(await cancelPaused()) && (await stop()))) this.#active.cancel(runId);
    return this.get(userId, runId);
  }

  /**
   * Decides the calls that a run waits for and lets it go on, in this process.
   *
   * @throws QuestlogError `run_not_waiting` when it does not wait (any more), `chat_not_found` when its chat is deleted,
   * `agent_not_registered`, `tools_unavailable`, `usage_limit`, `invalid_request`: it waits as before, if it did.
   */
  async decide(
    userId: string,
    runId: string,
    decisions: readonly ApprovalDecision[],
    logger?: RunLog,
  ): Promise<Run> {
    this.#assertOpen();
    const run = await this.#getRow(userId, runId);
    const known = this.#agents.get(run.agent);
    if (run.status !== 'awaiting_approval' || known === undefined) throw notWaitingError(run, known?.agent);
    checkDecisions(decisions, toRunInfo(run).pending);
    await this.#usage.gate.assertRoom(userId);
    // Their tools are part of the state, which is restored in a transaction.
    await this.#toolServers.connect(known.agent.mcpServers);
    const models = new ModelWrapper(this.#toolServers);
    const wrapped = models.wrapAgent(known.agent);
    const { db } = this.#options;
    const { resumed, state } = await resumeHere(db, run, wrapped, decisions, this.#leaseMs);
    const context: ChatContext = { userId, chatId: run.chatId, runId, request: {} };
    const begun = { lease: resumed.lease, inputPosition: resumed.journalFrom };
    const launch = { agent: wrapped, models, input: state, context, runOptions: known.runOptions, logger };
    return this.#launch(begun, { ...launch, api: 'other' }, resumed);
  }

  /**
   * Ends the runs that dead processes left, now and every few seconds, and removes what is too old. On the embedded
   * database that is at once every run which is not executed here: no other process can have it open.
   */
  recover(): Promise<void> {
    return this.#sweeper.start();
  }

  /** Refuses new runs, lets the running ones finish for `graceMs`, then stores what they have as interrupted. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#sweeper.stop();
    await this.#active.close(graceMs);
    await this.#afterRuns.close(graceMs);
    await this.#consumers.close();
  }

  async #getRow(userId: string, runId: string): Promise<RunRow> {
    const run = await getRun(this.#options.db, userId, runId);
    if (run === undefined) throw new QuestlogError('run_not_found', 'there is no such run');
    return run;
  }

  #assertOpen(): void {
    if (this.#closing) throw new QuestlogError('shutting_down', 'the server is shutting down');
  }

  #launch(
    { lease, inputPosition, input: storedInput }: BegunRun,
    launch: Beginning,
    resumed?: ResumedRun,
  ): Run {
    const { db, maxItemBytes, secrets, history: window, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const { userId, runId, chatId } = lease;
    const input = Array.isArray(launch.input) ? launch.input : [];
    const places = { inputFrom: inputPosition, journalFrom: inputPosition + input.length };
    const retry = this.#retry;
    const from = resumed?.goesOnAt ?? places.journalFrom;
    const journal = new Journal({ db, lease, from, maxItemBytes, retry });
    const history = { before: inputPosition, input: storedInput, api: launch.api, window };
    const session = makeRunSession({ db, lease, retry, ...history });
    const stream = new ResumableStream(resumed?.lastEvent);
    const result = this.#active.launch({
      ...launch,
      ...places,
      halvesHistory: window?.whenTooLong !== 'fail',
      lease,
      counted: this.#usage.countCalls(lease),
      journal,
      session,
      stream,
      retry,
      timeoutMs,
      maxItemBytes,
      secrets,
    });
    this.#afterRuns.follow(result, lease, launch.logger);
    return this.#toRun(userId, runId, chatId, { stream, result });
  }

  #toRun(
    userId: string,
    runId: string,
    chatId: string | null,
    here?: { readonly stream: ResumableStream; readonly result: Promise<RunResult> },
  ): Run {
    const stream = here?.stream ?? this.#active.getStream(runId);
    const result = here?.result ?? this.#active.getResult(runId);
    return followRun({ poller: this.#poller, userId, runId, chatId, stream }, this.#consumers, result);
  }
}
