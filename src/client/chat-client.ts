import type { AlternativeListResponse } from '../wire/alternatives.ts';
import type {
  ChatCreate,
  ChatListResponse,
  ChatResponse,
  ChatSummary,
  ChatUpdate,
  ItemPageResponse,
} from '../wire/chats.ts';
import type { SearchResponse } from '../wire/search/search.ts';
import type {
  CallOptions,
  ForkChatOptions,
  ListAlternativesOptions,
  ListChatsOptions,
  ListItemsOptions,
  RangeOptions,
  RateItemOptions,
  SearchChatsOptions,
} from './call-options.ts';
import type { Connection } from './connection.ts';

/** The chats of a user, and what is in them. */
export abstract class ChatClient {
  /** How the server is reached. */
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** A page of the user's chats, newest activity first. */
  listChats(options: ListChatsOptions = {}): Promise<ChatListResponse> {
    const { limit, cursor, query, state, archived, pinned, tags: tag, metadata, signal } = options;
    const which = {
      active_only: state === 'all' ? false : undefined,
      deleted_only: state === 'deleted' || undefined,
      metadata: metadata && JSON.stringify(metadata),
      ...{ archived, pinned, tag },
    };
    return this.connection.get('/chats', { limit, cursor, q: query || undefined, ...which }, signal);
  }

  /** Finds titles of the user's chats, and what was said in them; the last word may go on. */
  searchChats(
    query: string,
    { limit, cursor, tools, signal }: SearchChatsOptions = {},
  ): Promise<SearchResponse> {
    return this.connection.get(
      '/chats/search',
      { q: query, limit, cursor, tools: tools || undefined },
      signal,
    );
  }

  /** Makes a chat, with its first items if there are any. */
  createChat(chat: ChatCreate = {}, { signal }: CallOptions = {}): Promise<ChatResponse> {
    return this.connection.json({ method: 'POST', path: '/chats', body: chat, signal });
  }

  /** A chat with its conversation. */
  getChat(chatId: string, { signal }: CallOptions = {}): Promise<ChatResponse> {
    return this.connection.get(pathOf(chatId), {}, signal);
  }

  /** Makes a new chat of the history, up to an item: by default of all of it. */
  forkChat(chatId: string, { signal, ...fork }: ForkChatOptions = {}): Promise<ChatSummary> {
    return this.connection.json({
      method: 'POST',
      path: `${pathOf(chatId)}/fork`,
      body: fork,
      signal,
    });
  }

  /** Changes what is given: the title, how it is organised, or the whole conversation. */
  updateChat(chatId: string, changes: ChatUpdate, { signal }: CallOptions = {}): Promise<ChatResponse> {
    return this.connection.json({ method: 'PUT', path: pathOf(chatId), body: changes, signal });
  }

  /** Softly: `restoreChat` takes it back. With `permanent` it is gone for good. */
  async deleteChat(
    chatId: string,
    { permanent, signal }: CallOptions & { readonly permanent?: boolean } = {},
  ): Promise<void> {
    const query = { permanent: permanent || undefined };
    await this.connection.send({ method: 'DELETE', path: pathOf(chatId), query, signal });
  }

  /** Says when a chat is to be gone; null: it stays. */
  async setChatExpiry(chatId: string, expiresAt: Date | null, { signal }: CallOptions = {}): Promise<void> {
    const body = { expires_at: expiresAt?.toISOString() ?? null };
    await this.connection.send({ method: 'PUT', path: `${pathOf(chatId)}/expiry`, body, signal });
  }

  /** Takes a soft delete back. */
  restoreChat(chatId: string, { signal }: CallOptions = {}): Promise<ChatResponse> {
    return this.connection.json({ method: 'POST', path: `${pathOf(chatId)}/restore`, signal });
  }

  /**
   * A page of a chat's items, oldest first: the newest, those just before a position, or those just after one. It may have
   * fewer than `limit` though there are more (`has_more`): it ends at a megabyte.
   */
  listItems(chatId: string, options: ListItemsOptions = {}): Promise<ItemPageResponse> {
    const { before, after, limit, alternative, includeDeleted, signal } = options;
    const query = { before, after, limit, alternative, active_only: includeDeleted ? false : undefined };
    return this.connection.get(`${pathOf(chatId)}/items`, query, signal);
  }

  /** Takes the items at positions `from` to `to` out of the history. They stay in the archive. */
  async deleteItems(chatId: string, { from, to, signal }: RangeOptions): Promise<void> {
    const path = `${pathOf(chatId)}/items`;
    await this.connection.send({ method: 'DELETE', path, query: { from, to }, signal });
  }

  /**
   * Sets all items from position `from` on aside: what is written next is an alternative to them. Safe to repeat: it does
   * nothing when none at positions `from` to `to` is in the history.
   */
  async setAside(chatId: string, { from, to, signal }: RangeOptions): Promise<void> {
    const path = `${pathOf(chatId)}/alternatives`;
    await this.connection.send({ method: 'POST', path, body: { from, to }, signal });
  }

  /** The alternatives at the points of the history, oldest first. */
  listAlternatives(
    chatId: string,
    { after, limit, signal }: ListAlternativesOptions = {},
  ): Promise<AlternativeListResponse> {
    return this.connection.get(`${pathOf(chatId)}/alternatives`, { after, limit }, signal);
  }

  /** Makes an alternative the end of the history, at new positions; what stands there is set aside. */
  async selectAlternative(
    chatId: string,
    alternativeId: number,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const path = `${pathOf(chatId)}/alternatives/${alternativeId}/select`;
    await this.connection.send({ method: 'POST', path, signal });
  }

  /** Stores what the person thinks of the item at a position; a rating of null takes it back. */
  async rateItem(chatId: string, { position, signal, ...feedback }: RateItemOptions): Promise<void> {
    const path = `${pathOf(chatId)}/items/${position}/feedback`;
    await this.connection.send({ method: 'PUT', path, body: feedback, signal });
  }
}

function pathOf(chatId: string): string {
  return `/chats/${encodeURIComponent(chatId)}`;
}
