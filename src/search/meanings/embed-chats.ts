import { atomically, type Queryable } from '../../driver/driver.ts';
import { getItemPage } from '../../store/items/item-page.ts';
import { getItemText } from '../../store/search/item-text.ts';
import {
  type Embedding,
  getHashes,
  hashText,
  putEmbeddings,
  toMeaningful,
} from '../../store/search/meanings/embeddings.ts';
import {
  type ClaimedChat,
  claimChat,
  getUnembeddedChats,
  releaseChat,
  setMeaningState,
} from '../../store/search/meanings/meaning-chats.ts';
import { toStored } from '../../store/search/meanings/vectors.ts';
import { readSaid } from '../../store/search/said.ts';
import { type Embedder, embedTexts, toModelFormat } from './embedder.ts';

const PAGE_ITEMS = 100;
/** Texts of one call. */
const BATCH_TEXTS = 32;
const EMBED_MS = 30_000;
/** How long a chat is its process's, longer than a page takes at most. */
const CLAIM_MS = (PAGE_ITEMS / BATCH_TEXTS + 2) * EMBED_MS;
const BATCH_CHATS = 50;
/** Chats of a user that fail before the others are left for later. */
const MAX_FAILURES = 3;

/**
 * Embeds what a user's chats have said since they were embedded, those with the newest activity first, a page at a time.
 *
 * @param pause is waited for after each page.
 * @throws what the embedder throws: what was embedded before stays.
 */
export async function embedChats(
  db: Queryable,
  userId: string,
  embedder: Embedder,
  pause: (tookMs: number) => Promise<unknown> = async () => undefined,
): Promise<void> {
  const seen = new Set<string>();
  const failures: unknown[] = [];
  for (;;) {
    const chats = await getUnembeddedChats(db, userId, toModelFormat(embedder), BATCH_CHATS);
    const fresh = chats.filter((chatId) => !seen.has(chatId));
    for (const chatId of fresh) {
      seen.add(chatId);
      try {
        await embedChat(db, userId, chatId, embedder, pause);
      } catch (error) {
        // One text that is refused is no reason to leave all others; an embedder that is away is.
        failures.push(error);
        if (failures.length === MAX_FAILURES) throw failures[0];
      }
    }
    if (fresh.length > 0 && chats.length === BATCH_CHATS) continue;
    if (failures.length > 0) throw failures[0];
    return;
  }
}

async function embedChat(
  db: Queryable,
  userId: string,
  chatId: string,
  embedder: Embedder,
  pause: (tookMs: number) => Promise<unknown>,
): Promise<void> {
  for (let isDone = false; !isDone; ) {
    const began = performance.now();
    isDone = await embedPage(db, userId, chatId, embedder);
    await pause(performance.now() - began);
  }
}

/** @returns false when there is more of the chat to embed. */
async function embedPage(
  db: Queryable,
  userId: string,
  chatId: string,
  embedder: Embedder,
): Promise<boolean> {
  const chat = await claimChat(db, userId, chatId, CLAIM_MS);
  if (chat === undefined) return true;
  try {
    return await embedClaimed(db, userId, chatId, chat, embedder);
  } catch (error) {
    await releaseChat(db, userId, chatId, chat.claim);
    throw error;
  }
}

async function embedClaimed(
  db: Queryable,
  userId: string,
  chatId: string,
  chat: ClaimedChat,
  embedder: Embedder,
): Promise<boolean> {
  const format = toModelFormat(embedder);
  const isSame = chat.format === format;
  const changedFrom = isSame ? chat.changedFrom : 0;
  const after = Math.min(chat.lastPosition, (changedFrom ?? Number.MAX_SAFE_INTEGER) - 1);
  const { items, hasMore } = await getItemPage(db, chatId, userId, { after, limit: PAGE_ITEMS });
  const last = items.at(-1)?.position ?? after;
  const range = [after + 1, hasMore ? last : Number.MAX_SAFE_INTEGER] as const;
  // What is as it was keeps its embedding: an edit far back is no reason to embed all that follows it.
  const known = isSame ? await getHashes(db, userId, chatId, range) : new Map<number, string>();
  const [stay, texts]: [number[], { position: number; text: string; hash: string }[]] = [[], []];
  for (const { position, isBlocked, text: given } of items) {
    const json = isBlocked ? undefined : (given ?? (await getItemText(db, userId, chatId, position)));
    const text = json === undefined ? undefined : toMeaningful(readSaid(json));
    if (text === undefined) continue;
    const hash = hashText(text);
    if (known.get(position) === hash) stay.push(position);
    else texts.push({ position, text, hash });
  }
  const added: Embedding[] = [];
  for (let from = 0; from < texts.length; from += BATCH_TEXTS) {
    const batch = texts.slice(from, from + BATCH_TEXTS);
    const given = await embedTexts(
      embedder,
      batch.map(({ text }) => text),
      EMBED_MS,
    );
    for (const [index, { position, hash }] of batch.entries()) {
      added.push({ position, hash, ...toStored(given[index] ?? []) });
    }
  }
  await atomically(db, userId, async (tx) => {
    const state = { format, version: chat.version, lastPosition: last, isComplete: !hasMore };
    // Of another model nothing may stay, which is behind this page, either.
    const replaced = isSame ? range : ([0, Number.MAX_SAFE_INTEGER] as const);
    if (await setMeaningState(tx, userId, chatId, chat.claim, state)) {
      await putEmbeddings(tx, userId, chatId, replaced, stay, added);
    }
  });
  return !hasMore;
}
