import { invalidField, type QuestlogError } from '../../errors.ts';
import type { ChatCursor } from '../../store/chats/chat-list.ts';

/** A place in a list as clients carry it: opaque, URL-safe. */
export function toCursor({ activity, chatId }: ChatCursor): string {
  return encodeCursor([activity, chatId]);
}

/** @throws QuestlogError `invalid_request` when this was not made by `toCursor`. */
export function fromCursor(cursor: string): ChatCursor {
  const [activity, chatId, ...rest] = decodeCursor(cursor);
  const valid =
    typeof activity === 'string' &&
    /^\d{1,17}$/.test(activity) &&
    typeof chatId === 'string' &&
    chatId !== '';
  if (!valid || rest.length > 0 || !chatId.isWellFormed() || chatId.includes('\u0000')) {
    throw unknownCursor();
  }
  return { activity, chatId };
}

/** What a place is known by, for a client to carry. */
export function encodeCursor(values: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

export function unknownCursor(): QuestlogError {
  return invalidField('cursor', 'is not one that this server gave');
}

/** @returns what was encoded, if it was: the client may have sent anything, and what is no list is an empty one. */
export function decodeCursor(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
