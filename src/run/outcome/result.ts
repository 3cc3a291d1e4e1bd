import { type ErrorCode, QuestlogError } from '../../errors.ts';
import type { RunRow } from '../../store/runs/runs.ts';
import type { PendingCall } from '../../wire/events.ts';
import type { Usage } from '../../wire/usage.ts';
import type { RunResult } from '../types.ts';
import { readOutcome } from './run-outcome.ts';

interface StoredError {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retry_after?: number;
}

/**
 * The result of a run that has ended or pauses.
 *
 * @throws QuestlogError how it failed.
 */
export function toResult(run: RunRow): RunResult {
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
