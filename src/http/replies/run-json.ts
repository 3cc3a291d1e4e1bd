import type { RunInfo } from '../../run/outcome/run-info.ts';
import type { RunResponse } from '../../wire/runs.ts';

/** A run as clients get it. */
export function toRunResponse(run: RunInfo): RunResponse {
  return {
    run_id: run.runId,
    chat_id: run.chatId,
    agent: run.agent,
    status: run.status,
    started_at: run.startedAt.toISOString(),
    ended_at: run.endedAt?.toISOString() ?? null,
    usage: run.usage,
    final_output: run.finalOutput,
    refusal: run.refusal,
    response_id: run.responseId,
    incomplete: run.incomplete,
    omitted_turns: run.omittedTurns,
    error: run.error,
    pending: [...run.pending],
    last_event: run.lastEvent,
  };
}
