import { readStored, store } from '../../storage.ts';

/** A message on its way to the server. It stays here until the server has it, over reloads too. */
export interface Outgoing {
  /** Its `Idempotency-Key`: sent twice, it is one message. */
  readonly key: string;
  readonly text: string;
  /** Where the agent is that it is for; undefined: it was the first, or none was known. */
  readonly agent: string | undefined;
  /** The items that it takes the place of. */
  readonly replace: { readonly from: number; readonly to: number } | undefined;
  /** What waits for approval is rejected with it. */
  readonly rejectsPending: boolean;
  /** The run that it has begun, once that is known. */
  readonly runId: string | undefined;
  /** Why it did not arrive; undefined while it is being sent. */
  readonly error: string | undefined;
}

export function readOutgoing(chatId: string): Outgoing | undefined {
  return readStored<Outgoing>(`outgoing:${chatId}`);
}

export function keepOutgoing(chatId: string, outgoing: Outgoing | undefined): void {
  store(`outgoing:${chatId}`, outgoing);
}
