import type { RunRow } from '../../store/runs/runs.ts';
import type { RunResponse } from '../../wire/runs.ts';

/** A run as clients get it. */
export function toRunResponse(run: RunRow): RunResponse {
  const outcome = parse<Partial<Pick<RunResponse, 'final_output' | 'refusal' | 'response_id'>>>(run.outcome);
  return {
    run_id: run.runId,
    chat_id: run.chatId,
    agent: run.agent,
    status: run.status,
    started_at: run.startedAt.toISOString(),
    ended_at: run.endedAt?.toISOString() ?? null,
    usage: parse(run.usage),
    final_output: outcome?.final_output ?? null,
    refusal: outcome?.refusal ?? null,
    response_id: outcome?.response_id ?? null,
    error: parse(run.error),
    pending: parse(run.pending) ?? [],
    last_event: run.lastEvent,
  };
}

function parse<Value>(text: string | null): Value | null {
  return text === null ? null : (JSON.parse(text) as Value);
}
