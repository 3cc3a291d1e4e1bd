import type { Queryable } from '../driver/driver.ts';
import { QuestlogError } from '../errors.ts';
import { assertId } from '../ids.ts';
import { checkOptions, isAnything } from '../options.ts';
import { type ChatColumn, getChatColumns } from '../store/carry/chat-columns.ts';
import {
  type CarriedAlternative,
  type CarriedArchivedItem,
  type CarriedItem,
  type ChatHead,
  type ChatPlace,
  getChatHead,
  getHistoryMark,
  getNextAlternatives,
  getNextArchivedItems,
  getNextChats,
  getNextItems,
} from '../store/carry/read-chat.ts';
import { readLargeItem } from '../store/chats/read-conversations.ts';
import { readLargeArchivedItem } from '../store/items/item-page.ts';

/** Of the lines of an export. A reader refuses greater ones. */
export const EXPORT_VERSION = 1;

/** A chat that changes is begun again so many times. */
const MAX_ATTEMPTS = 5;

/** Which of a user's chats are exported. */
export interface ExportOptions {
  /** Only this one. Default: all of them, soft-deleted ones too. */
  readonly chatId?: string | undefined;
}

/** A part of an export: whole lines, or pieces of one that is large. */
type Text = AsyncGenerator<string, void, undefined>;

/**
 * The chats of a user as JSON Lines, in pieces of about a megabyte at most: nothing is read before it is asked for, so it
 * takes the memory of one piece, whatever it is that is exported. Each chat is as it was at one moment.
 *
 * @throws QuestlogError `chat_not_found` when this user does not have the chat of `chatId`.
 * @example
 * for await (const text of exportChats(db, userId)) file.write(text);
 */
export async function* exportChats(db: Queryable, userId: string, options: ExportOptions = {}): Text {
  assertId('user_id', userId);
  checkOptions(options, { chatId: isAnything });
  const { chatId } = options;
  if (chatId !== undefined) assertId('chat_id', chatId);
  const columns = await getChatColumns(db);
  const counts = { chats: 0, left_out: 0 };
  yield* exportLines(db, { userId, chatId, columns, counts });
  yield toLine({ type: 'end', ...counts });
}

interface Which {
  readonly userId: string;
  readonly chatId: string | undefined;
  readonly columns: readonly ChatColumn[];
  readonly counts: { chats: number; left_out: number };
}

async function* exportLines(db: Queryable, { userId, chatId, columns, counts }: Which): Text {
  const head = toLine({ type: 'export', format: 'questlog', version: EXPORT_VERSION });
  if (chatId !== undefined) {
    const chat = await getChatHead(db, userId, chatId, columns);
    if (chat === undefined) throw new QuestlogError('chat_not_found', 'there is no such chat');
    yield head;
    counts[(yield* exportSettled(db, userId, chatId, columns)) ? 'chats' : 'left_out'] += 1;
    return;
  }
  yield head;
  let place: ChatPlace | undefined;
  for (;;) {
    const chats = await getNextChats(db, userId, place);
    for (const { chatId } of chats) {
      const isThere = yield* exportSettled(db, userId, chatId, columns);
      if (isThere !== undefined) counts[isThere ? 'chats' : 'left_out'] += 1;
    }
    place = chats.at(-1);
    if (place === undefined) return;
  }
}

/**
 * Begins a chat again that was changed while it was read.
 *
 * @returns false when it was changed too often; undefined when it is not there any more.
 */
async function* exportSettled(
  db: Queryable,
  userId: string,
  chatId: string,
  columns: readonly ChatColumn[],
): AsyncGenerator<string, boolean | undefined, undefined> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const head = await getChatHead(db, userId, chatId, columns);
    if (head === undefined) return undefined;
    if (yield* exportChat(db, userId, chatId, head)) return true;
    // Reading tells of the change; a large item that was removed ends in the middle of its line.
    yield `\n${toLine({ type: 'chat_cancelled', chat_id: chatId })}`;
  }
  return false;
}

/** @returns false when the chat was changed meanwhile: what was written of it is to be forgotten. */
async function* exportChat(
  db: Queryable,
  userId: string,
  chatId: string,
  head: ChatHead,
): AsyncGenerator<string, boolean, undefined> {
  const members = Object.entries(head.columns).map(
    ([name, json]) => `${JSON.stringify(name)}:${json ?? 'null'}`,
  );
  yield `{"type":"chat",${toOneLine(members.join(','))}}\n`;
  const counts = { items: 0, archived_items: 0, alternatives: 0 };
  try {
    for (let after = -1; ; ) {
      const found = await getNextAlternatives(db, userId, chatId, after);
      counts.alternatives += found.length;
      yield found.map(toAlternativeLine).join('');
      if (found.length === 0) break;
      after = found.at(-1)?.alternativeId ?? after;
    }
    for (const source of ['archived_items', 'items'] as const) {
      for (let after = -1; ; ) {
        const range = { after, before: head.nextPosition };
        const get = source === 'items' ? getNextItems : getNextArchivedItems;
        const page: CarriedItem[] = await get(db, userId, chatId, range);
        counts[source] += page.length;
        yield* exportItems(db, userId, chatId, page);
        if (!page[0]?.hasMore) break;
        after = page.at(-1)?.position ?? after;
      }
    }
  } catch (error) {
    if (error instanceof QuestlogError && error.code === 'history_conflict') return false;
    throw error;
  }
  if ((await getHistoryMark(db, userId, chatId)) !== head.history) return false;
  yield toLine({ type: 'chat_end', ...counts });
  return true;
}

async function* exportItems(
  db: Queryable,
  userId: string,
  chatId: string,
  page: readonly (CarriedItem | CarriedArchivedItem)[],
): Text {
  let lines = '';
  for (const item of page) {
    if (item.text !== null) {
      lines += `${beginItem(item)}${toOneLine(item.text)}}\n`;
      continue;
    }
    const read = 'archivedAt' in item ? readLargeArchivedItem : readLargeItem;
    const nextPiece = read(db, userId, chatId, item.position);
    yield beginItem(item);
    for (;;) {
      const { text, isLast } = await nextPiece();
      yield toOneLine(text);
      if (isLast) break;
    }
    yield '}\n';
  }
  yield lines;
}

/** The line of an item up to the text of it, which comes last so that nobody has to parse it. */
function beginItem(item: CarriedItem | CarriedArchivedItem): string {
  const isArchived = 'archivedAt' in item;
  const head = JSON.stringify({
    type: isArchived ? 'archived_item' : 'item',
    position: item.position,
    created_at: item.createdAt,
    ...(isArchived ? { archived_at: item.archivedAt, alternative_id: item.alternativeId } : {}),
    run_id: item.runId,
    blocked: item.isBlocked,
  });
  return `${head.slice(0, -1)},"feedback":${toOneLine(item.feedback ?? 'null')},"item":`;
}

function toAlternativeLine(found: CarriedAlternative): string {
  return toLine({
    type: 'alternative',
    alternative_id: found.alternativeId,
    after_position: found.afterPosition,
    inside: found.inside,
    is_current: found.isCurrent,
    created_at: found.createdAt,
  });
}

function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** JSON has line breaks between its tokens only, where a space means the same. */
function toOneLine(json: string): string {
  return /[\n\r]/.test(json) ? json.replaceAll(/[\n\r]/g, ' ') : json;
}
