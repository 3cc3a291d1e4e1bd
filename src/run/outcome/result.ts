import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '../../driver/driver.ts';
import { type ErrorCode, QuestlogError } from '../../errors.ts';
import { getRun, type RunRow } from '../../store/runs/runs.ts';
import type { PendingCall } from '../../wire/events.ts';
import type { Usage } from '../../wire/usage.ts';
import type { RunResult } from '../types.ts';
import { readOutcome } from './run-outcome.ts';

/** How often the database is asked about a run of another process. */
export const POLL_INTERVAL_MS = 200;

/**
 * Waits until a run of another process, or an earlier one, has ended or pauses.
 *
 * @throws QuestlogError how it failed; `run_not_found`.
 */
export async function waitForResult(db: Queryable, userId: string, runId: string): Promise<RunResult> {
  for (;;) {
    const run = await getRun(db, userId, runId);
    if (run === undefined) throw new QuestlogError('run_not_found', 'there is no such run');
    if (run.status !== 'running') return toResult(run);
    await sleep(POLL_INTERVAL_MS);
  }
}

interface StoredError {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retry_after?: number;
}

function toResult(run: RunRow): RunResult {
  const ids = { session_id: run.chatId, run_id: run.runId };
  const usage = JSON.parse(run.usage ?? '{}') as Usage;
  switch (run.status) {
    case 'completed':
      return { type: 'stream_complete', ...readOutcome(run.outcome), usage, ...ids };
    case 'awaiting_approval': {
      const pending = JSON.parse(run.pending ?? '[]') as PendingCall[];
      const { omitted_turns } = readOutcome(run.outcome);
      return { type: 'approval_required', pending, usage, omitted_turns, ...ids };
    }
    default: {
      const { code, detail, retry_after } = JSON.parse(run.error ?? '{}') as StoredError;
      throw new QuestlogError(code, detail, retry_after === undefined ? {} : { details: { retry_after } });
    }
  }
}
