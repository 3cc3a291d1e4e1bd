import { invalidField } from '../../errors.ts';
import type { ChatCursor } from '../../store/chats/chat-list.ts';

/** A place in a list as clients carry it: opaque, URL-safe. */
export function toCursor({ activity, chatId }: ChatCursor): string {
  return Buffer.from(JSON.stringify([activity, chatId])).toString('base64url');
}

/** @throws QuestlogError `invalid_request` when this was not made by `toCursor`. */
export function fromCursor(cursor: string): ChatCursor {
  const [activity, chatId, ...rest] = parseList(Buffer.from(cursor, 'base64url').toString());
  const valid =
    typeof activity === 'string' &&
    /^\d{1,17}$/.test(activity) &&
    typeof chatId === 'string' &&
    chatId !== '';
  if (!valid || rest.length > 0 || !chatId.isWellFormed() || chatId.includes('\u0000')) {
    throw invalidField('cursor', 'is not one that this server gave');
  }
  return { activity, chatId };
}

function parseList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
