import type { QuestlogClient, Signal } from 'questlog/client';
import { createContext, useContext } from 'react';
import { Agents } from './agents.ts';
import { Tabs } from './changes.ts';
import { type ChatFilter, ChatListStore } from './chats/chat-list-store.ts';
import { FoundStore } from './chats/found/found-store.ts';
import { withoutTwins } from './chats/groups/pinned-chats.ts';
import { SeenChats } from './chats/seen-chats.ts';
import { Files } from './files/files.ts';
import { Navigation } from './navigation.ts';
import { Observable } from './observable.ts';
import { Outbox } from './outbox/outbox.ts';
import { KeptDrafts } from './thread/composer/kept-drafts.ts';
import { ThreadStore } from './thread/store/thread-store.ts';
import { Libraries } from './thread/text/libraries.ts';
import { Toasts } from './ui/toast-store.ts';

/** So many chats stay at hand, so that going back to one shows it at once. */
const KEPT_THREADS = 12;

/** Everything that the page knows while one person uses it. */
export class Workspace {
  readonly client: QuestlogClient;
  readonly chats: ChatListStore;
  readonly archived: ChatListStore;
  readonly deleted: ChatListStore;
  readonly found: FoundStore;
  readonly seen: SeenChats;
  readonly navigation = new Navigation();
  readonly tabs = new Tabs();
  /** The last of the server's signals. */
  readonly signal = new Observable<Signal | undefined>(undefined);
  readonly toasts = new Toasts();
  readonly libraries = new Libraries();
  readonly agents: Agents;
  readonly files: Files;
  readonly drafts: KeptDrafts;
  readonly outbox: Outbox;
  readonly #threads = new Map<string, ThreadStore>();

  /** @param person who it is: what the browser keeps for one is not for another. */
  constructor(client: QuestlogClient, person: string) {
    this.client = client;
    this.chats = new ChatListStore(client, this.tabs, 'active');
    this.archived = new ChatListStore(client, this.tabs, 'archived');
    this.deleted = new ChatListStore(client, this.tabs, 'deleted');
    this.found = new FoundStore(client);
    this.seen = new SeenChats(person);
    this.chats.state.subscribe(() => {
      const list = this.chats.state.get();
      if (list.phase === 'ready')
        this.seen.show({ ...list, chats: withoutTwins([...list.chats, ...list.pinned]) });
    });
    this.agents = new Agents(client);
    this.files = new Files(person);
    this.drafts = new KeptDrafts(person);
    const onBegun = ({ chatId }: { readonly chatId: string }, runId: string) => {
      void this.#threads.get(chatId)?.join(runId);
      this.seen.ask(chatId);
      this.#announce(chatId);
    };
    this.outbox = new Outbox({ client, agents: this.agents, files: this.files, person, onBegun });
  }

  thread(chatId: string, isNew: boolean): ThreadStore {
    const { client, agents, files, drafts, outbox } = this;
    const onChange = () => this.#announce(chatId);
    const options = { client, agents, files, drafts, outbox, chatId, isNew, onChange };
    const thread = this.#threads.get(chatId) ?? new ThreadStore(options);
    this.#threads.delete(chatId);
    this.#threads.set(chatId, thread);
    const [oldest] = this.#threads.keys();
    if (this.#threads.size > KEPT_THREADS && oldest !== undefined) this.#threads.delete(oldest);
    return thread;
  }

  /** Looks for chats by their titles, and by what was said in them. */
  search(query: string): void {
    this.chats.search(query);
    this.found.search(query);
  }

  /** Shows only chats that have these, wherever chats are listed. */
  filter(filter: ChatFilter | undefined): void {
    for (const list of [this.chats, this.archived, this.deleted]) list.filter(filter);
  }

  /** The server says that something has changed. */
  hear(signal: Signal): void {
    this.seen.hear(signal);
    this.signal.set(signal);
  }

  /** A chat was changed here. */
  #announce(chatId: string): void {
    this.tabs.announce({ chatId });
    this.outbox.wake(chatId);
    void this.chats.refresh([{ chatId }]);
  }
}

const WorkspaceContext = createContext<Workspace | undefined>(undefined);

export const WorkspaceProvider = WorkspaceContext.Provider;

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (workspace === undefined) throw new Error('outside of a WorkspaceProvider');
  return workspace;
}
