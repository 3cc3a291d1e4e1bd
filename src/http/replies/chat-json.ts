import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Chat } from '../../store/chats/chats.ts';
import type { ConversationPart, NextPage } from '../../store/chats/read-conversations.ts';
import type { ChatListResponse, ChatSummary } from '../../wire/chats.ts';

/** Makes the next piece of a JSON text when it is called, until one is the last. It holds on to none. */
export type NextPiece = () => Promise<{ readonly text: string; readonly isLast: boolean }>;

export function toSummary(chat: Chat): ChatSummary {
  return {
    chat_id: chat.chatId,
    user_id: chat.userId,
    title: chat.title,
    is_active: chat.isActive,
    created_at: chat.createdAt.toISOString(),
    updated_at: chat.updatedAt.toISOString(),
    is_pinned: chat.isPinned,
    is_archived: chat.isArchived,
    tags: [...chat.tags],
    metadata: chat.metadata,
    forked_from: chat.forkedFrom && { chat_id: chat.forkedFrom.chatId, position: chat.forkedFrom.position },
    expires_at: chat.expiresAt?.toISOString() ?? null,
  };
}

/** The chats of these pages. Items stay the text that the database holds: never parsed, never printed again. */
export function chatsJson(nextPage: NextPage): NextPiece {
  let separator = '';
  return async () => {
    const { parts, isLast } = await nextPage();
    let text = '';
    for (const part of parts) {
      text += part.isFirst ? separator + partJson(part) : partJson(part);
      separator = ',';
    }
    return { text, isLast };
  };
}

function partJson({ chat, isFirst, isLast, items }: ConversationPart): string {
  const begin = isFirst ? `${JSON.stringify(toSummary(chat)).slice(0, -1)},"conversation":[` : '';
  return begin + items + (isLast ? ']}' : '');
}

/** A page of a list with the conversations. A chat that was removed since its row was read has none, and is left out. */
export function listJson(nextPage: NextPage, page: Omit<ChatListResponse, 'chats'>): NextPiece {
  return enclose('{"chats":[', chatsJson(nextPage), `],${JSON.stringify(page).slice(1)}`);
}

/** Texts as a reply takes them: each is made when it is asked for, and what the client leaves is not. */
export function toPieces(texts: AsyncIterator<string>): NextPiece {
  return async () => {
    const { done, value } = await texts.next();
    return { text: value ?? '', isLast: done === true };
  };
}

/** A text between two others. */
export function enclose(before: string, next: NextPiece, behind: string): NextPiece {
  let begin = before;
  return async () => {
    const { text, isLast } = await next();
    const piece = begin + text + (isLast ? behind : '');
    begin = '';
    return { text: piece, isLast };
  };
}

/** Sends JSON text: as `sendPieces`. */
export function sendJson(reply: FastifyReply, next: NextPiece): Promise<FastifyReply> {
  return sendPieces(reply.type('application/json; charset=utf-8'), next);
}

/** Sends one piece at once, several as the client takes them. What fails between two breaks the reply off. */
export async function sendPieces(reply: FastifyReply, next: NextPiece): Promise<FastifyReply> {
  const { text, isLast } = await next();
  return reply.send(isLast ? text : new PiecesBody(text, next));
}

/** With backpressure and nothing in advance: a client that does not read costs the piece that was sent to it. */
class PiecesBody extends Readable {
  readonly #next: NextPiece;

  constructor(first: string, next: NextPiece) {
    super({ highWaterMark: 0 });
    this.#next = next;
    this.push(first);
  }

  override _read(): void {
    this.#next().then(
      ({ text, isLast }) => {
        this.push(text);
        if (isLast) this.push(null);
      },
      (error: Error) => this.destroy(error),
    );
  }
}
