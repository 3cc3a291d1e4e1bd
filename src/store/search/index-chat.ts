import { atomically, type Queryable } from '../../driver/driver.ts';
import { getItemPage, type PagedItem } from '../items/item-page.ts';
import { type ChatIndex, lockIndex, setIndexState } from './indexed-chats.ts';
import { getItemText } from './item-text.ts';
import { readSaid, type Said } from './said.ts';
import { putEntries, removeEntries, type SearchEntry, TITLE } from './search-entries.ts';
import { languagesOf, readStems, type StemLanguage, toStemmers } from './stems.ts';
import { formsIn, toFormat, toKey, toVector } from './words.ts';

/** In one transaction; fewer where they are more than a megabyte. */
const PAGE_ITEMS = 200;

/**
 * Brings the index of a chat up to date, as far as a page goes. It waits for nobody, and nobody who writes the chat waits for it.
 *
 * @param languages whose stems it is to have. It keeps those of others: processes that want different ones agree on all.
 * @returns false when there is more to do: call it again.
 */
export function indexChat(
  db: Queryable,
  userId: string,
  chatId: string,
  languages: readonly StemLanguage[] = [],
): Promise<boolean> {
  return atomically(db, userId, async (tx) => {
    const index = await lockIndex(tx, userId, chatId);
    if (index === undefined) return true;
    const all = [...new Set([...languages, ...languagesOf(index.format.split('+').slice(1))])];
    return indexPage(tx, userId, chatId, index, all);
  });
}

async function indexPage(
  tx: Queryable,
  userId: string,
  chatId: string,
  index: ChatIndex,
  languages: readonly StemLanguage[],
): Promise<boolean> {
  const format = toFormat(userId, await toStemmers(tx, languages));
  const changedFrom = index.format === format ? index.changedFrom : 0;
  if (changedFrom !== null) {
    await removeEntries(tx, userId, chatId, [changedFrom, Number.MAX_SAFE_INTEGER]);
  }
  const after = Math.min(index.lastPosition, (changedFrom ?? Number.MAX_SAFE_INTEGER) - 1);
  const { items, hasMore } = await getItemPage(tx, chatId, userId, { after, limit: PAGE_ITEMS });
  const found: Found[] = [
    { position: TITLE, createdAt: index.createdAt, role: 'title', text: index.title ?? '' },
  ];
  for (const item of items) {
    const text = item.text ?? (await getItemText(tx, userId, chatId, item.position));
    const said = text === undefined ? undefined : toSaid(item, text);
    if (said !== undefined) found.push({ position: item.position, createdAt: item.createdAt, ...said });
  }
  const entries = await toEntries(tx, toKey(userId), found, languages);
  if (entries[0]?.position !== TITLE) await removeEntries(tx, userId, chatId, [TITLE, TITLE]);
  await putEntries(tx, userId, chatId, entries);
  const lastPosition = items.at(-1)?.position ?? after;
  const state = { format, version: index.version, lastPosition, isComplete: !hasMore };
  await setIndexState(tx, userId, chatId, state);
  return !hasMore;
}

/** What of a chat can be found, before its words are made. */
type Found = Omit<SearchEntry, 'words'> & Pick<Said, 'text'>;

/** What a guardrail refused is no model's to read, nor is it found. */
function toSaid({ isBlocked }: PagedItem, text: string): Said | undefined {
  return isBlocked ? undefined : readSaid(text);
}

/** In their order, without those that have no words. */
async function toEntries(
  tx: Queryable,
  key: string,
  found: readonly Found[],
  languages: readonly StemLanguage[],
): Promise<SearchEntry[]> {
  const forms = languages.length === 0 ? [] : found.flatMap(({ text }) => [...new Set(formsIn(text))]);
  const stems = await readStems(tx, languages, forms);
  return found.flatMap(({ text, ...entry }) => {
    const words = toVector(key, text, stems, entry.role === 'title' ? 'A' : '');
    return words === undefined ? [] : [{ ...entry, words }];
  });
}
