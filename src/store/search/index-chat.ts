import { atomically, type Queryable } from '../../driver/driver.ts';
import { getItemPage, type PagedItem } from '../items/item-page.ts';
import { type ChatIndex, lockIndex, setIndexState } from './indexed-chats.ts';
import { getItemText } from './item-text.ts';
import { readSaid } from './said.ts';
import { putEntries, removeEntries, type SearchEntry, TITLE } from './search-entries.ts';
import { toFormat, toKey, toVector } from './words.ts';

/** In one transaction; fewer where they are more than a megabyte. */
const PAGE_ITEMS = 200;

/**
 * Brings the index of a chat up to date, as far as a page goes. It waits for nobody, and nobody who writes the chat waits for it.
 *
 * @returns false when there is more to do: call it again.
 */
export function indexChat(db: Queryable, userId: string, chatId: string): Promise<boolean> {
  return atomically(db, userId, async (tx) => {
    const index = await lockIndex(tx, userId, chatId);
    return index === undefined || indexPage(tx, userId, chatId, index);
  });
}

async function indexPage(tx: Queryable, userId: string, chatId: string, index: ChatIndex): Promise<boolean> {
  const format = toFormat(userId);
  const changedFrom = index.format === format ? index.changedFrom : 0;
  if (changedFrom !== null) {
    await removeEntries(tx, userId, chatId, [changedFrom, Number.MAX_SAFE_INTEGER]);
  }
  const after = Math.min(index.lastPosition, (changedFrom ?? Number.MAX_SAFE_INTEGER) - 1);
  const { items, hasMore } = await getItemPage(tx, chatId, userId, { after, limit: PAGE_ITEMS });
  const key = toKey(userId);
  const title = toTitle(key, index);
  if (title === undefined) await removeEntries(tx, userId, chatId, [TITLE, TITLE]);
  const entries = title === undefined ? [] : [title];
  for (const item of items) {
    const text = item.text ?? (await getItemText(tx, userId, chatId, item.position));
    const entry = text === undefined ? undefined : toEntry(key, item, text);
    if (entry !== undefined) entries.push(entry);
  }
  await putEntries(tx, userId, chatId, entries);
  const lastPosition = items.at(-1)?.position ?? after;
  const state = { format, version: index.version, lastPosition, isComplete: !hasMore };
  await setIndexState(tx, userId, chatId, state);
  return !hasMore;
}

function toTitle(key: string, { title, createdAt }: ChatIndex): SearchEntry | undefined {
  const words = toVector(key, title ?? '', 'A');
  return words === undefined ? undefined : { position: TITLE, role: 'title', createdAt, words };
}

/** What a guardrail refused is no model's to read, nor is it found. */
function toEntry(
  key: string,
  { position, createdAt, isBlocked }: PagedItem,
  text: string,
): SearchEntry | undefined {
  const said = isBlocked ? undefined : readSaid(text);
  const words = said && toVector(key, said.text);
  return words === undefined || said === undefined
    ? undefined
    : { position, role: said.role, createdAt, words };
}
