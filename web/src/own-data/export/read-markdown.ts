import { ApiError, type QuestlogClient } from 'questlog/client';
import { isMissing } from '../../failure.ts';

/** A chat that is active meanwhile goes up in the list, past what was read: so often it is read anew. */
const MAX_PASSES = 3;
const MAX_TRIES = 8;
const RETRY_MS = 2_000;

/** All chats to be read, newest activity first, one after the other. @param onChat is called when one is whole. */
export async function* readMarkdown(
  client: QuestlogClient,
  signal: AbortSignal,
  onChat: () => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const done = new Set<string>();
  const line = new TextEncoder().encode('\n');
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = done.size;
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const from = cursor;
      const page = await patiently(signal, () => client.listChats({ state: 'all', cursor: from, signal }));
      for (const { chat_id } of page.chats) {
        if (done.has(chat_id)) continue;
        done.add(chat_id);
        const get = () => client.exportChat(chat_id, { format: 'markdown', signal });
        const stream = await patiently(signal, get).catch(undefinedIfMissing);
        if (stream === undefined) continue;
        yield* piecesOf(stream);
        yield line;
        onChat();
      }
      cursor = page.next_cursor;
    }
    if (done.size === before) return;
  }
}

/** What comes over the network, piece by piece. */
export async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value as Uint8Array<ArrayBuffer>;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

/** These are many requests: the server may ask to wait. */
async function patiently<Reply>(signal: AbortSignal, ask: () => Promise<Reply>): Promise<Reply> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 429) || tries === MAX_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? RETRY_MS));
      signal.throwIfAborted();
    }
  }
}
