import type { ChatSummary, Signal } from 'questlog/client';
import { Observable } from '../observable.ts';
import { readStored, store, storedKey } from '../storage.ts';
import type { ChatListState } from './chat-list-store.ts';

type ListedChat = Pick<ChatSummary, 'chat_id' | 'updated_at'>;

interface Seen {
  /** All that changed up to then counts as seen: it was there at the first visit, or is too old to be kept one by one. */
  readonly until: string;
  /** How new a chat was when it was last looked at, by its id; the last one that was looked at is last. */
  readonly chats: ReadonlyMap<string, string>;
}

/** So many chats are kept one by one. */
const KEPT_CHATS = 300;

/** What the person has seen of their chats in this browser, in any tab. */
export class SeenChats {
  /** Undefined: the list was never there. */
  readonly seen: Observable<Seen | undefined>;
  readonly #key: string;
  #isKept: boolean;
  #listed: readonly ListedChat[] = [];
  #open: string | undefined;
  /** The chats that do what the person asked for in this tab: until that is done, nothing in them is news. */
  readonly #asked = new Set<string>();
  /** The chats that the person changes otherwise than by what they say. */
  readonly #renamed = new Set<string>();

  constructor(person: string) {
    this.#key = `seen:${encodeURIComponent(person)}`;
    this.seen = new Observable(readSeen(this.#key));
    this.#isKept = this.seen.get() !== undefined;
  }

  /** Follows what is seen in other tabs. @returns ends it. */
  listen(): () => void {
    const onStorage = ({ key }: StorageEvent) => {
      if (key !== storedKey(this.#key)) return;
      this.seen.set(readSeen(this.#key));
      this.#look();
    };
    window.addEventListener('storage', onStorage);
    return () => window.removeEventListener('storage', onStorage);
  }

  /** This chat is before the person's eyes; undefined: none is. */
  open(chatId: string | undefined): void {
    this.#open = chatId;
    this.#look();
  }

  /** The list is ready. */
  show({ chats, query }: Pick<ChatListState, 'chats' | 'query'>): void {
    if (chats === this.#listed) return;
    if (this.seen.get() === undefined && query === '')
      this.#write({ until: chats[0]?.updated_at ?? '', chats: new Map() });
    const before = new Map(this.#listed.map((chat) => [chat.chat_id, chat]));
    this.#listed = chats;
    for (const chat of chats) {
      const last = before.get(chat.chat_id);
      if (last?.updated_at === chat.updated_at || !this.#isOwn(chat.chat_id)) continue;
      // What was new before stays so.
      if (last === undefined || !isUnread(last, this.#read())) this.#see(chat);
    }
    this.#look();
  }

  /** The person has asked for something in this chat, wherever they look now. */
  ask(chatId: string): void {
    this.#asked.add(chatId);
  }

  /** The person gives this chat another title, or takes its deletion back. */
  rename(chatId: string): void {
    this.#renamed.add(chatId);
  }

  /** What was asked for is done when a run ends or waits for the person. */
  hear(signal: Signal): void {
    if (signal.type === 'resync') this.#asked.clear();
    if (signal.type !== 'run_ended' && signal.type !== 'run_awaiting_approval') return;
    const { chat_id } = signal;
    // The list may have been fetched after that, and before it was heard of.
    if (this.#asked.delete(chat_id) && chat_id !== this.#open) this.#see({ chat_id, updated_at: '' });
  }

  /** Whether the change of a chat is the person's own. */
  #isOwn(chatId: string): boolean {
    return this.#renamed.delete(chatId) || this.#asked.has(chatId);
  }

  #look(): void {
    const chat = this.#listed.find(({ chat_id }) => chat_id === this.#open);
    if (chat !== undefined) this.#see(chat);
  }

  #see({ chat_id, updated_at }: ListedChat): void {
    const seen = this.#read();
    if (seen === undefined || seen.chats.get(chat_id) === updated_at) return;
    const chats = [...seen.chats].filter(([id]) => id !== chat_id);
    chats.push([chat_id, updated_at]);
    const dropped = chats.splice(0, chats.length - KEPT_CHATS).map(([, at]) => at);
    const until = [seen.until, ...dropped].toSorted().at(-1) ?? '';
    this.#write({ until, chats: new Map(chats) });
  }

  /** As the tabs have left it, where the browser keeps anything. Undefined: it is not to be kept any more. */
  #read(): Seen | undefined {
    return readSeen(this.#key) ?? (this.#isKept ? undefined : this.seen.get());
  }

  #write(seen: Seen): void {
    this.#isKept = store(this.#key, { until: seen.until, chats: [...seen.chats] });
    this.seen.set(seen);
  }
}

/** Whether something was said in a chat that the person has not seen. */
export function isUnread({ chat_id, updated_at }: ListedChat, seen: Seen | undefined): boolean {
  return seen !== undefined && updated_at > (seen.chats.get(chat_id) ?? seen.until);
}

function readSeen(key: string): Seen | undefined {
  const kept = readStored<{ until: string; chats: [string, string][] }>(key);
  return kept && { until: kept.until, chats: new Map(kept.chats) };
}
