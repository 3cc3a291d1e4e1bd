import type { ChatListResponse, ChatSummary, ListChatsOptions, QuestlogClient } from 'questlog/client';
import { type Change, NEWEST, type Tabs } from '../changes.ts';
import { type Failure, failureOf } from '../failure.ts';
import { Observable } from '../observable.ts';
import { pinnedIfIn, pinnedOf, withoutTwins } from './groups/pinned-chats.ts';

export interface ChatListState {
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly error: Failure | undefined;
  /** Newest activity first. */
  readonly chats: readonly ChatSummary[];
  /** Pinned ones that were asked for, since they may be further down: `pinnedOf` has all. */
  readonly pinned: readonly ChatSummary[];
  readonly total: number;
  readonly nextCursor: string | null;
  readonly isLoadingMore: boolean;
  readonly query: string;
  /** Only chats that have these are shown; undefined: all are. */
  readonly filter: ChatFilter | undefined;
  /** The tags of the chats that are known, in their order. */
  readonly tags: readonly string[];
}

/** What chats must have to be shown. */
export type ChatFilter = Pick<ListChatsOptions, 'tags' | 'metadata'>;

/** How the person puts a chat in order. */
type Organisation = Partial<Pick<ChatSummary, 'is_pinned' | 'is_archived' | 'tags'>>;

const PAGE_CHATS = 40;
const MAX_PAGE_CHATS = 100;
const SEARCH_DEBOUNCE_MS = 180;

/** Those at hand, those put away, and those that can be taken back. */
export type WhichChats = 'active' | 'archived' | 'deleted';

/** What may have changed, when nothing is known of it. */
const ANYTHING: readonly Change[] = [{}];

/** The chats of the user, or those that they have archived or deleted: searched, page by page, changed. */
export class ChatListStore {
  readonly state = new Observable<ChatListState>({
    phase: 'loading',
    error: undefined,
    chats: [],
    pinned: [],
    total: 0,
    nextCursor: null,
    isLoadingMore: false,
    query: '',
    filter: undefined,
    tags: [],
  });
  readonly #client: QuestlogClient;
  readonly #tabs: Tabs;
  readonly #which: WhichChats;
  readonly #shelf: Pick<ListChatsOptions, 'archived' | 'state'>;
  /** The ids of what has changed since the pinned ones were known; undefined: anything. */
  readonly #changed = new Set<string | undefined>([undefined]);
  #asked = 0;
  #refreshing: Promise<void> = Promise.resolve();
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(client: QuestlogClient, tabs: Tabs, which: WhichChats) {
    this.#client = client;
    this.#tabs = tabs;
    this.#shelf = which === 'archived' ? { archived: true } : { state: which };
    this.#which = which;
  }

  /** Fetches what is shown anew, and the pinned ones where these changes may be among those that are further down. */
  refresh(changes = ANYTHING): Promise<void> {
    for (const { chatId } of changes) this.#changed.add(chatId);
    this.#refreshing = this.#refresh();
    return this.#refreshing;
  }

  /** Fetches what is shown anew unless it is as new as these changes; what could not be fetched in any case. */
  async catchUp(changes: readonly Change[]): Promise<void> {
    await this.#refreshing;
    const isThere = this.state.get().phase !== 'failed';
    if (!isThere || !changes.every((change) => this.#shows(change))) await this.refresh(changes);
  }

  async #refresh(): Promise<void> {
    const asked = ++this.#asked;
    const { chats, query, filter } = this.state.get();
    try {
      const limit = Math.min(MAX_PAGE_CHATS, Math.max(PAGE_CHATS, chats.length));
      const page = await this.#client.listChats({ limit, query, ...this.#shelf, ...filter });
      if (asked !== this.#asked) return;
      // Together, so that nothing moves when they come.
      const found = await this.#findPinned(page, query, filter);
      if (asked !== this.#asked) return;
      if (query === '') this.#changed.clear();
      else this.#changed.add(undefined);
      const deeper =
        chats.length > limit ? chats.filter(({ updated_at }) => updated_at < oldestOf(page)) : [];
      const kept = found === undefined ? deeper : deeper.map((chat) => pinnedIfIn(found, chat));
      this.state.update({
        phase: 'ready',
        error: undefined,
        chats: withoutTwins([...page.chats, ...kept]),
        pinned: found ?? pinnedOf(this.state.get()),
        tags: tagsOf([...page.chats, ...kept, ...(found ?? [])], this.state.get()),
        total: page.total,
        nextCursor: kept.length > 0 ? this.state.get().nextCursor : page.next_cursor,
      });
    } catch (error) {
      if (asked !== this.#asked || this.state.get().phase === 'ready') return;
      this.state.update({ phase: 'failed', error: failureOf(error) });
    }
  }

  /**
   * All pinned ones, where a page may leave some out: it is not the last, and what has changed is not on it.
   *
   * @returns undefined: what is known and what the page says is enough.
   */
  async #findPinned(
    page: ChatListResponse,
    query: string,
    filter: ChatFilter | undefined,
  ): Promise<readonly ChatSummary[] | undefined> {
    if (this.#which !== 'active' || query !== '') return undefined;
    if (page.next_cursor === null) return [];
    const listed = new Set<string | undefined>(page.chats.map(({ chat_id }) => chat_id));
    if ([...this.#changed].every((chatId) => listed.has(chatId))) return undefined;
    return (await this.#client.listChats({ limit: MAX_PAGE_CHATS, pinned: true, ...filter })).chats;
  }

  async loadMore(): Promise<void> {
    const { nextCursor, isLoadingMore, query, filter } = this.state.get();
    if (nextCursor === null || isLoadingMore) return;
    this.state.update({ isLoadingMore: true });
    try {
      const page = await this.#client.listChats({
        limit: PAGE_CHATS,
        cursor: nextCursor,
        query,
        ...this.#shelf,
        ...filter,
      });
      const now = this.state.get();
      if (now.query !== query || now.nextCursor !== nextCursor) return;
      const chats = withoutTwins([...now.chats, ...page.chats]);
      const tags = tagsOf(chats, now);
      this.state.update({ chats, tags, total: page.total, nextCursor: page.next_cursor });
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

  /** Shows only chats that have these. */
  filter(filter: ChatFilter | undefined): void {
    this.#changed.add(undefined);
    this.state.update({ filter, chats: [], pinned: [], nextCursor: null, phase: 'loading' });
    void this.refresh();
  }

  async rename(chatId: string, title: string): Promise<void> {
    this.#replace(chatId, (chat) => ({ ...chat, title }));
    await this.#changing(chatId, () => this.#client.updateChat(chatId, { title }));
  }

  /** Puts it at hand, or away: that is no activity. */
  async organise(chatId: string, changes: Organisation): Promise<void> {
    this.#replace(chatId, (chat) => ({ ...chat, ...changes }));
    const isHere = changes.is_archived === undefined || changes.is_archived === (this.#which === 'archived');
    if (!isHere) this.#remove(chatId);
    await this.#changing(chatId, () => this.#client.updateChat(chatId, changes));
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
      await this.refresh([{ chatId }]);
    }
  }

  #replace(chatId: string, change: (chat: ChatSummary) => ChatSummary): void {
    const { chats, pinned } = this.state.get();
    const changed = (chat: ChatSummary) => (chat.chat_id === chatId ? change(chat) : chat);
    this.state.update({ chats: chats.map(changed), pinned: pinned.map(changed) });
  }

  #remove(chatId: string): void {
    const { chats, pinned, total } = this.state.get();
    const isOther = (chat: ChatSummary) => chat.chat_id !== chatId;
    const left = chats.filter(isOther);
    const fewer = total - (chats.length - left.length);
    this.state.update({ chats: left, pinned: pinned.filter(isOther), total: fewer });
  }
}

/** Where not all chats are shown, what was known before is known still. */
function tagsOf(chats: readonly ChatSummary[], { query, filter, tags }: ChatListState): readonly string[] {
  const before = query === '' && filter === undefined ? [] : tags;
  const known = new Set([...before, ...chats.flatMap((chat) => chat.tags)]);
  return [...known].sort((one, other) => one.localeCompare(other));
}

function oldestOf({ chats }: ChatListResponse): string {
  return chats.at(-1)?.updated_at ?? '';
}
