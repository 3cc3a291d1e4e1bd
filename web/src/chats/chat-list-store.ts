import type { ChatListResponse, ChatSummary, QuestlogClient } from 'questlog/client';
import { type Change, NEWEST, type Tabs } from '../changes.ts';
import { type Failure, failureOf } from '../failure.ts';
import { Observable } from '../observable.ts';

export interface ChatListState {
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly error: Failure | undefined;
  /** Newest activity first. */
  readonly chats: readonly ChatSummary[];
  readonly total: number;
  readonly nextCursor: string | null;
  readonly isLoadingMore: boolean;
  readonly query: string;
}

const PAGE_CHATS = 40;
const MAX_PAGE_CHATS = 100;
const SEARCH_DEBOUNCE_MS = 180;

/** The chats of the user, or those that they have deleted: searched, page by page, changed. */
export class ChatListStore {
  readonly state = new Observable<ChatListState>({
    phase: 'loading',
    error: undefined,
    chats: [],
    total: 0,
    nextCursor: null,
    isLoadingMore: false,
    query: '',
  });
  readonly #client: QuestlogClient;
  readonly #tabs: Tabs;
  readonly #which: 'active' | 'deleted';
  #asked = 0;
  #refreshing: Promise<void> = Promise.resolve();
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(client: QuestlogClient, tabs: Tabs, which: 'active' | 'deleted') {
    this.#client = client;
    this.#tabs = tabs;
    this.#which = which;
  }

  /** Fetches what is shown anew. */
  refresh(): Promise<void> {
    this.#refreshing = this.#refresh();
    return this.#refreshing;
  }

  /** Fetches what is shown anew unless it is as new as these changes; what could not be fetched in any case. */
  async catchUp(changes: readonly Change[]): Promise<void> {
    await this.#refreshing;
    const isThere = this.state.get().phase !== 'failed';
    if (!isThere || !changes.every((change) => this.#shows(change))) await this.refresh();
  }

  async #refresh(): Promise<void> {
    const asked = ++this.#asked;
    const { chats, query } = this.state.get();
    try {
      const limit = Math.min(MAX_PAGE_CHATS, Math.max(PAGE_CHATS, chats.length));
      const page = await this.#client.listChats({ limit, query, state: this.#which });
      if (asked !== this.#asked) return;
      const kept = chats.length > limit ? chats.filter(({ updated_at }) => updated_at < oldestOf(page)) : [];
      this.state.update({
        phase: 'ready',
        error: undefined,
        chats: withoutTwins([...page.chats, ...kept]),
        total: page.total,
        nextCursor: kept.length > 0 ? this.state.get().nextCursor : page.next_cursor,
      });
    } catch (error) {
      if (asked !== this.#asked || this.state.get().phase === 'ready') return;
      this.state.update({ phase: 'failed', error: failureOf(error) });
    }
  }

  async loadMore(): Promise<void> {
    const { nextCursor, isLoadingMore, query } = this.state.get();
    if (nextCursor === null || isLoadingMore) return;
    this.state.update({ isLoadingMore: true });
    try {
      const page = await this.#client.listChats({
        limit: PAGE_CHATS,
        cursor: nextCursor,
        query,
        state: this.#which,
      });
      const now = this.state.get();
      if (now.query !== query || now.nextCursor !== nextCursor) return;
      const chats = withoutTwins([...now.chats, ...page.chats]);
      this.state.update({ chats, total: page.total, nextCursor: page.next_cursor });
    } catch {
      // The end of the list asks again when it is seen again.
    } finally {
      this.state.update({ isLoadingMore: false });
    }
  }

  /** Shows only chats whose title contains this. */
  search(query: string): void {
    this.state.update({ query });
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.state.update({ chats: [], phase: 'loading' });
      void this.refresh();
    }, SEARCH_DEBOUNCE_MS);
  }

  async rename(chatId: string, title: string): Promise<void> {
    this.#replace(chatId, (chat) => ({ ...chat, title }));
    await this.#changing(chatId, () => this.#client.updateChat(chatId, { title }));
  }

  async delete(chatId: string, { permanent = false } = {}): Promise<void> {
    this.#remove(chatId);
    await this.#changing(chatId, () => this.#client.deleteChat(chatId, { permanent }));
  }

  async restore(chatId: string): Promise<void> {
    this.#remove(chatId);
    await this.#changing(chatId, () => this.#client.restoreChat(chatId));
  }

  #shows({ chatId, version = NEWEST }: Change): boolean {
    if (version === 0) return true;
    const { chats, nextCursor } = this.state.get();
    // What is older than all that is shown is further down.
    const oldest = chatId === undefined || nextCursor === null ? undefined : chats.at(-1);
    const row = chats.find(({ chat_id }) => chat_id === chatId) ?? oldest;
    // Its time says no microseconds.
    return row !== undefined && Math.floor(version / 1_000) <= Date.parse(row.updated_at);
  }

  async #changing(chatId: string, work: () => Promise<unknown>): Promise<void> {
    // Replies to questions of before would show the old state again.
    this.#asked += 1;
    try {
      await work();
      this.#tabs.announce({ chatId });
    } finally {
      await this.refresh();
    }
  }

  #replace(chatId: string, change: (chat: ChatSummary) => ChatSummary): void {
    const { chats } = this.state.get();
    this.state.update({ chats: chats.map((chat) => (chat.chat_id === chatId ? change(chat) : chat)) });
  }

  #remove(chatId: string): void {
    const { chats, total } = this.state.get();
    const left = chats.filter((chat) => chat.chat_id !== chatId);
    this.state.update({ chats: left, total: total - (chats.length - left.length) });
  }
}

function oldestOf({ chats }: ChatListResponse): string {
  return chats.at(-1)?.updated_at ?? '';
}

function withoutTwins(chats: readonly ChatSummary[]): ChatSummary[] {
  return [...new Map(chats.toReversed().map((chat) => [chat.chat_id, chat])).values()].reverse();
}
