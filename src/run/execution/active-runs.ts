import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentInputItem, Runner, RunState } from '@openai/agents-core';
import { RUNS, type RunActivity, trace } from '../../channels.ts';
import type { Database } from '../../database/database.ts';
import { describeError } from '../../describe-error.ts';
import { QuestlogError } from '../../errors.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import { EventWriter } from '../events/event-writer.ts';
import type { ResumableStream } from '../events/resumable-stream.ts';
import { LeaseRenewer } from '../lifecycle/lease-renewer.ts';
import { cancelledError, takenOverError, toStatus } from '../outcome/failure.ts';
import type { ChatAgent, ChatContext, RunLog, RunResult } from '../types.ts';
import { ActiveRun } from './active-run.ts';
import type { RunParts } from './run-parts.ts';

/** What an ended run needs to say so to the database, the grace period of a tool included. */
const END_TIMEOUT_MS = 1_500;

interface Entry {
  readonly run: ActiveRun;
  readonly result: Promise<RunResult>;
}

export type Launch = Omit<RunParts, 'db' | 'runner' | 'writer'> & {
  readonly input: AgentInputItem[] | RunState<ChatContext, ChatAgent>;
  readonly timeoutMs: number;
  readonly logger: RunLog | undefined;
};

/** The runs that this process executes, with what they share: one lease renewal, one event writer. */
export class ActiveRuns {
  readonly #db: Database;
  readonly #runner: Runner;
  readonly #entries = new Map<string, Entry>();
  readonly #leases: LeaseRenewer;
  readonly #writer: EventWriter;

  constructor(db: Database, runner: Runner, leaseMs: number) {
    this.#db = db;
    this.#runner = runner;
    this.#leases = new LeaseRenewer(db, leaseMs);
    this.#writer = new EventWriter(db);
  }

  /** Executes a run that has begun, detached from the request. */
  launch({ input, timeoutMs, logger, ...parts }: Launch): Promise<RunResult> {
    const run = new ActiveRun({ ...parts, db: this.#db, runner: this.#runner, writer: this.#writer });
    const { lease } = parts;
    this.#db.executingRuns.add(lease.runId);
    this.#writer.attach(parts.stream, lease);
    this.#leases.add(lease, {
      onLost: () => run.abort(takenOverError()),
      onCancelled: () => run.abort(cancelledError()),
    });
    const timer = setTimeout(() => {
      run.abort(new QuestlogError('model_timeout', 'the run took too long and was ended'));
    }, timeoutMs);
    const result = traceRun(parts, (activity) => run.execute(input, activity)).finally(() => {
      clearTimeout(timer);
      this.#leases.remove(lease);
      this.#entries.delete(lease.runId);
      this.#db.executingRuns.delete(lease.runId);
    });
    this.#entries.set(lease.runId, { run, result });
    logOutcome(result, lease, parts.agent.name, logger);
    return result;
  }

  getStream(runId: string): ResumableStream | undefined {
    return this.#entries.get(runId)?.run.stream;
  }

  getResult(runId: string): Promise<RunResult> | undefined {
    return this.#entries.get(runId)?.result;
  }

  /** Cancels a run that is here. */
  cancel(runId: string): void {
    this.#entries.get(runId)?.run.abort(cancelledError());
  }

  /** Lets runs finish for `graceMs`, then ends them; what they have by then is stored. */
  async close(graceMs: number): Promise<void> {
    const allEnded = () => Promise.allSettled([...this.#entries.values()].map(({ result }) => result));
    await Promise.race([allEnded(), sleep(graceMs, undefined, { ref: false })]);
    for (const { run } of this.#entries.values()) {
      run.abort(new QuestlogError('run_interrupted', 'the server was stopped during the run'));
    }
    await Promise.race([allEnded(), sleep(END_TIMEOUT_MS, undefined, { ref: false })]);
  }
}

function traceRun(
  { lease: { runId, chatId }, agent }: Pick<RunParts, 'lease' | 'agent'>,
  execute: (message: RunActivity | undefined) => Promise<RunResult>,
): Promise<RunResult> {
  const describe = (): RunActivity => ({ runId, chatId, agent: agent.name });
  return trace(RUNS, describe, async (message) => {
    try {
      const result = await execute(message);
      if (message !== undefined)
        message.status = result.type === 'stream_complete' ? 'completed' : 'awaiting_approval';
      return result;
    } catch (error) {
      if (message !== undefined) message.status = toStatus(error as QuestlogError);
      throw error;
    }
  });
}

/** Logs how a run ends, and handles the rejection of a result that is not awaited. */
function logOutcome(
  result: Promise<RunResult>,
  lease: RunLease,
  agent: string,
  logger: RunLog | undefined,
): void {
  const log = logger?.child({ run_id: lease.runId, chat_id: lease.chatId, agent });
  const began = performance.now();
  const elapsed = () => Math.round(performance.now() - began);
  log?.info({}, 'run started');
  result.then(
    ({ type, usage }) =>
      log?.info(
        { duration_ms: elapsed(), usage },
        type === 'stream_complete' ? 'run completed' : 'run waits for approval',
      ),
    (error: unknown) => log?.warn({ duration_ms: elapsed(), error: describeError(error) }, 'run failed'),
  );
}
