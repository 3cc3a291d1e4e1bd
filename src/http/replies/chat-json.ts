import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Chat } from '../../store/chats/chats.ts';
import type { ChatListResponse, ChatSummary } from '../../wire/chats.ts';

/** From here on a reply goes out in pieces: no string of hundreds of megabytes, no stall of the event loop. */
const PIECE_LENGTH = 1_000_000;

export function toSummary(chat: Chat): ChatSummary {
  return {
    chat_id: chat.chatId,
    user_id: chat.userId,
    title: chat.title,
    is_active: chat.isActive,
    created_at: chat.createdAt.toISOString(),
    updated_at: chat.updatedAt.toISOString(),
  };
}

/** A ChatResponse as JSON text. The items stay the text that the database holds: never parsed, never printed again. */
export function* chatJson(chat: Chat, items: readonly string[]): Generator<string> {
  yield `${JSON.stringify(toSummary(chat)).slice(0, -1)},"conversation":[`;
  for (const [index, text] of items.entries()) yield index === 0 ? text : `,${text}`;
  yield ']}';
}

/** A page of a list with the conversations. A chat that was removed since its row was read has none, and is left out. */
export function* listJson(
  chats: readonly Chat[],
  items: ReadonlyMap<string, readonly string[]>,
  page: Omit<ChatListResponse, 'chats'>,
): Generator<string> {
  yield '{"chats":[';
  let separator = '';
  for (const chat of chats) {
    const texts = items.get(chat.chatId);
    if (texts === undefined) continue;
    yield separator;
    yield* chatJson(chat, texts);
    separator = ',';
  }
  yield `],${JSON.stringify(page).slice(1)}`;
}

/** Sends JSON text: a short one at once, a long one as a stream. */
export function sendJson(reply: FastifyReply, parts: Iterable<string>): FastifyReply {
  reply.type('application/json; charset=utf-8');
  const pieces = inPieces(parts);
  const first = pieces.next();
  const second = pieces.next();
  if (second.done) return reply.send(first.value ?? '');
  return reply.send(Readable.from(prepend([first.value ?? '', second.value], pieces), { objectMode: false }));
}

function* inPieces(parts: Iterable<string>): Generator<string, undefined> {
  let piece = '';
  for (const part of parts) {
    piece += part;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function* prepend(first: readonly string[], rest: Iterable<string>): Generator<string> {
  yield* first;
  yield* rest;
}
