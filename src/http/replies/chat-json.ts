import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Chat } from '../../store/chats/chats.ts';
import type { ConversationPage, ConversationPart } from '../../store/chats/read-conversations.ts';
import type { ChatListResponse, ChatSummary } from '../../wire/chats.ts';

/** JSON text as it is made: piece by piece, the last one as what the generator returns. */
export type Pieces = AsyncGenerator<string, string>;

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

/** The chats of these pages as JSON text. The items stay the text that the database holds: never parsed, never printed again. */
export async function* chatsJson(pages: AsyncIterable<ConversationPage>): Pieces {
  let separator = '';
  for await (const { parts, isLast } of pages) {
    let text = '';
    for (const part of parts) {
      text += part.isFirst ? separator : '';
      text += partJson(part);
      separator = ',';
    }
    if (isLast) return text;
    yield text;
  }
  return '';
}

function partJson({ chat, isFirst, isLast, items }: ConversationPart): string {
  const begin = isFirst ? `${JSON.stringify(toSummary(chat)).slice(0, -1)},"conversation":[` : '';
  return begin + items + (isLast ? ']}' : '');
}

/** A page of a list with the conversations. A chat that was removed since its row was read has none, and is left out. */
export async function* listJson(
  pages: AsyncIterable<ConversationPage>,
  page: Omit<ChatListResponse, 'chats'>,
): Pieces {
  let begin = '{"chats":[';
  const chats = chatsJson(pages);
  for (;;) {
    const { done, value } = await chats.next();
    if (done) return `${begin}${value}],${JSON.stringify(page).slice(1)}`;
    yield begin + value;
    begin = '';
  }
}

/** Sends JSON text: one piece at once, several as the client takes them. What fails between two breaks the reply off. */
export async function sendJson(reply: FastifyReply, pieces: Pieces): Promise<FastifyReply> {
  reply.type('application/json; charset=utf-8');
  const { done, value } = await pieces.next();
  if (done) return reply.send(value);
  // Without a piece in advance: a client that does not read costs the one that was sent to it.
  return reply.send(Readable.from(prepend(value, pieces), { objectMode: false, highWaterMark: 0 }));
}

async function* prepend(first: string, rest: Pieces): AsyncGenerator<string> {
  yield first;
  yield yield* rest;
}
