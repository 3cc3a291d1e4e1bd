import { randomUUID } from 'node:crypto';
import { invalidField } from './errors.ts';

/** The longest id in UTF-8 bytes: one that an index entry of any PostgreSQL engine can hold. */
export const MAX_ID_BYTES = 255;

/**
 * A new UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then random bits.
 * New rows land at the end of an index instead of all over it.
 */
export function newId(now: number = Date.now()): string {
  const time = now.toString(16).padStart(12, '0');
  // Node keeps random bytes in stock for its UUIDs; version and milliseconds are all that differs here.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/**
 * Refuses an id that PostgreSQL could not tell from another: Node writes every lone surrogate as U+FFFD,
 * so two different ids would become one row.
 *
 * @throws QuestlogError `invalid_request` naming `field`.
 */
export function assertId(field: string, id: unknown): asserts id is string {
  if (typeof id !== 'string' || id === '') throw invalidField(field, 'must be a non-empty string');
  assertText(field, id);
  if (Buffer.byteLength(id) > MAX_ID_BYTES) {
    throw invalidField(field, `must be at most ${MAX_ID_BYTES} bytes of UTF-8`);
  }
}

/** What stands for something else in the path of a chat: `/chats/live`, `/chats/search`, and what every client takes out of a URL. */
const RESERVED_CHAT_IDS = ['export', 'live', 'search', '.', '..'];

/**
 * As `assertId`, for a chat that may be made: refuses an id too that no URL can name.
 *
 * @throws QuestlogError `invalid_request` naming `field`.
 */
export function assertChatId(field: string, id: unknown): asserts id is string {
  assertId(field, id);
  if (RESERVED_CHAT_IDS.includes(id)) throw invalidField(field, `must not be ${JSON.stringify(id)}`);
}

/**
 * Refuses text that a PostgreSQL `text` column cannot give back as it is: PGlite's decoder drops a byte order mark.
 *
 * @throws QuestlogError `invalid_request` naming `field`.
 */
export function assertText(field: string, text: string): void {
  if (!text.isWellFormed())
    throw invalidField(field, 'must be well-formed Unicode (it has a lone surrogate)');
  if (text.includes('\u0000')) throw invalidField(field, 'must not contain the NUL character');
  if (text.startsWith('\ufeff')) throw invalidField(field, 'must not begin with a byte order mark (U+FEFF)');
}
