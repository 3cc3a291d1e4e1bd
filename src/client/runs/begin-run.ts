import type { AgentRequest } from '../../wire/chat.ts';
import type { RunOptions } from '../call-options.ts';
import type { ApiRequest } from '../connection.ts';
import { newId } from '../ids.ts';
import { backOff, isPassing } from '../retry.ts';

/** Attempts of a request that begins a run. */
const MAX_ATTEMPTS = 4;

/** Sends a request that begins a run, again where it may not have arrived: its key makes that safe. */
export async function beginRun<Reply>(
  verb: 'run' | 'stream',
  body: AgentRequest,
  { signal, agent, idempotencyKey = newId() }: RunOptions & { readonly agent: string },
  send: (request: ApiRequest) => Promise<Reply>,
): Promise<Reply> {
  const accept = verb === 'stream' ? 'text/event-stream' : 'application/json';
  const headers = { accept, 'idempotency-key': idempotencyKey };
  const request: ApiRequest = { method: 'POST', path: `${agent}/${verb}`, body, headers, signal };
  for (let tries = 0; ; tries++) {
    try {
      return await send(request);
    } catch (error) {
      // A failed run answers with these statuses too; repeating the request would only answer it again.
      if (!isPassing(error) || error.problem?.run_id !== undefined || tries + 1 >= MAX_ATTEMPTS) throw error;
      await backOff(tries, signal, error.retryAfterMs);
    }
  }
}
