import type { Queryable } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import type { EncodedItems } from '../items/encoded-items.ts';
import { type ItemPiece, inPieces, PIECE_CHARACTERS } from '../items/item-page.ts';
import type { Chat } from './chats.ts';
import { type Found, type Place, selectPage } from './conversation-page.ts';

/** A part of one conversation: all parts of a chat, one after the other, are its items. */
export interface ConversationPart {
  readonly chat: Chat;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** JSON texts with commas between them. An item that is larger than a page is in several parts. */
  readonly items: string;
}

/** What is read at once. */
export interface ConversationPage {
  readonly parts: readonly ConversationPart[];
  readonly isLast: boolean;
}

/** Reads the next page when it is called, until one is the last. It holds on to none. */
export type NextPage = () => Promise<ConversationPage>;

/**
 * The conversations of a user's chats in pages of a quarter of a megabyte, each one statement. Chats that are not there are left out. A
 * conversation is as it was when its first part was read, whatever is appended meanwhile.
 *
 * @returns what rejects with QuestlogError `history_conflict` when a conversation was changed or removed between two of
 * its parts.
 */
export function readConversations(db: Queryable, userId: string, chatIds: readonly string[]): NextPage {
  let left = chatIds;
  let place: Place | undefined;
  return async () => {
    const page = await selectPage(db, userId, left, place);
    if (place !== undefined && page[0]?.history !== place.history) throw changedMeanwhile();
    const parts: ConversationPart[] = [];
    left = [];
    for (const found of page) {
      const next = advance(found, place);
      if (next !== undefined) left = chatIds.slice(chatIds.indexOf(found.chat.chatId));
      // A chat that had no room in this page begins with the next one.
      if (found.isWhole || found.last !== null) parts.push(toPart(found, place, next === undefined));
      place = found.last === null ? undefined : next;
    }
    return { parts, isLast: left.length === 0 };
  };
}

/** A chat whose conversation is being read. */
export interface OpenConversation {
  readonly chat: Chat;
  readonly nextPage: NextPage;
}

/** As `readConversations`, of one chat, whose first page is read. Undefined when this user has no such chat. */
export async function openConversation(
  db: Queryable,
  userId: string,
  chatId: string,
): Promise<OpenConversation | undefined> {
  const nextPage = readConversations(db, userId, [chatId]);
  const first = await nextPage();
  const chat = first.parts[0]?.chat;
  return chat && { chat, nextPage: startWith(first, nextPage) };
}

function startWith(first: ConversationPage | undefined, nextPage: NextPage): NextPage {
  return async () => {
    const page = first ?? (await nextPage());
    first = undefined;
    return page;
  };
}

/** A conversation of these items, which a page has room for. */
export function toConversation(chat: Chat, { texts }: EncodedItems): OpenConversation {
  const part = { chat, isFirst: true, isLast: true, items: texts.join(',') };
  return { chat, nextPage: async () => ({ parts: [part], isLast: true }) };
}

/**
 * The JSON text of an item that is larger than a page.
 *
 * @returns what reads the next piece, and rejects with QuestlogError `history_conflict` when the item is not there or its
 * history was changed between two pieces.
 */
export function readLargeItem(
  db: Queryable,
  userId: string,
  chatId: string,
  position: number,
): () => Promise<ItemPiece> {
  let history: string | undefined;
  return inPieces(async (from) => {
    const [found] = await selectPage(db, userId, [chatId], { after: position - 1, end: position + 1, from });
    history ??= found?.history;
    if (!found || found.piece === null || found.history !== history) throw changedMeanwhile();
    return found.piece;
  });
}

/** Where to go on in a chat of which this was found. Undefined: that was the rest. */
function advance(found: Found, place: Place | undefined): Place | undefined {
  const { history, end, after, from } = place ?? toStart(found);
  if (found.piece !== null && found.piece.length >= PIECE_CHARACTERS)
    return { history, end, after, from: from + PIECE_CHARACTERS };
  return found.isWhole ? undefined : { history, end, after: found.last ?? after, from: 1 };
}

function toStart({ history, nextPosition }: Found): Place {
  return { history, end: nextPosition, after: -1, from: 1 };
}

function toPart({ chat, piece, texts }: Found, place: Place | undefined, isLast: boolean): ConversationPart {
  // Not `join`, which would copy all of them once more.
  let items = '';
  let separator = place?.from === 1 ? ',' : '';
  for (const text of piece === null ? texts : [piece]) {
    items += separator + text;
    separator = ',';
  }
  return { chat, isFirst: place === undefined, isLast, items };
}

function changedMeanwhile(): QuestlogError {
  return new QuestlogError(
    'history_conflict',
    'the conversation was changed while it was read: read it again',
  );
}
