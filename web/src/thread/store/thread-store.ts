import {
  ApiError,
  type ApprovalDecision,
  type NumberedEvent,
  newId,
  type RunResponse,
} from 'questlog/client';
import { isMissing, messageOf } from '../../message-of.ts';
import { Observable } from '../../observable.ts';
import { follow } from './follow-run.ts';
import { mergeNewest, withoutItems } from './merge-items.ts';
import { type ChatMessage, textOf } from './message.ts';
import { keepOutgoing, type Outgoing, readOutgoing } from './outbox.ts';
import type { ThreadOptions } from './thread-options.ts';
import { initialState, type ThreadState } from './thread-state.ts';
import { type MessageCache, toMessages } from './to-messages.ts';

const PAGE_ITEMS = 100;

/** One chat of the page: what is stored of it, the run that is going on, and what the person does. */
export class ThreadStore {
  readonly chatId: string;
  readonly state: Observable<ThreadState>;
  readonly #options: ThreadOptions;
  readonly #messages: MessageCache = new WeakMap();
  #isNew: boolean;
  /** Ends what this store waits for, when the chat is not shown any more. */
  #watch: AbortController | undefined;
  #delivering: Promise<void> = Promise.resolve();
  #following: string | undefined;
  #refreshing: Promise<void> | undefined;

  constructor(options: ThreadOptions) {
    const { chatId, isNew } = options;
    this.#options = options;
    this.chatId = chatId;
    this.#isNew = isNew;
    this.state = new Observable(initialState(isNew, readOutgoing(chatId)));
  }

  /** Begins to show the chat: fetches what is missing, sends what was not sent. */
  open(): () => void {
    const watch = new AbortController();
    this.#watch = watch;
    void this.refresh();
    const { outgoing } = this.state.get();
    if (outgoing !== undefined && outgoing.error === undefined) void this.#deliver(outgoing);
    return () => {
      watch.abort();
      this.#following = undefined;
      this.#change({ live: undefined });
    };
  }

  /** Fetches what may have changed elsewhere. */
  refresh(): Promise<void> {
    if (this.#isNew) return Promise.resolve();
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async loadOlder(): Promise<void> {
    const { items, hasOlder, isLoadingOlder } = this.state.get();
    const before = items[0]?.position;
    if (!hasOlder || isLoadingOlder || before === undefined) return;
    this.state.update({ isLoadingOlder: true });
    await this.#try(async () => {
      const page = await this.#options.client.listItems(this.chatId, { before, limit: PAGE_ITEMS });
      const known = this.state.get().items;
      if (known[0]?.position === before)
        this.#change({ items: [...page.items, ...known], hasOlder: page.has_more });
    });
    this.state.update({ isLoadingOlder: false });
  }

  /** What is said next is for this agent. */
  pickAgent(name: string): void {
    this.#change({ picked: name });
  }

  /** Says something, in place of the messages from `replace` on if that is given. */
  async send(text: string, replace?: ChatMessage): Promise<void> {
    // An answer can be there before its question is known to be stored.
    await this.#delivering;
    const { items, runs, outgoing } = this.state.get();
    if (outgoing !== undefined) return;
    const from = replace?.from;
    const to = items.at(-1)?.position;
    const rejectsPending = [...runs.values()].some(({ status }) => status === 'awaiting_approval');
    if (rejectsPending && from !== undefined) await this.stop();
    await this.#deliver({
      key: newId(),
      text,
      agent: undefined,
      replace: from === undefined || to === undefined ? undefined : { from, to },
      rejectsPending: rejectsPending && from === undefined,
      runId: undefined,
      error: undefined,
    });
  }

  /** Says what the person has said once more, in its place: the answer is made anew. */
  repeat(asked: ChatMessage): Promise<void> {
    return this.send(textOf(asked), asked);
  }

  /** Sends again what did not arrive. */
  async retrySending(): Promise<void> {
    const { outgoing } = this.state.get();
    if (outgoing !== undefined) await this.#deliver({ ...outgoing, error: undefined });
  }

  /** Gives up what did not arrive; the caller may keep its text. */
  discardUnsent(): string | undefined {
    const { outgoing } = this.state.get();
    this.#setOutgoing(undefined);
    return outgoing?.text;
  }

  /** Stops the run that is going on, or that waits for the person. */
  async stop(): Promise<void> {
    const { live, runs } = this.state.get();
    const waiting = [...runs.values()].find(({ status }) => status === 'awaiting_approval');
    const runId = live?.runId ?? waiting?.run_id;
    if (runId === undefined) return;
    await this.#try(async () => {
      await this.#options.client.cancelRun(runId);
      await this.refresh();
    });
  }

  /** Approves or rejects calls that wait. */
  async decide(run: RunResponse, decisions: readonly ApprovalDecision[]): Promise<void> {
    await this.#try(async () => {
      const decided = await this.#options.client.decideCalls(run.run_id, decisions);
      this.#change({ runs: new Map([...this.state.get().runs, [run.run_id, decided]]) });
      this.#options.onChange();
      await this.#follow(run.run_id);
    });
    await this.refresh();
  }

  readonly #onConnection = (state: 'connected' | 'reconnecting'): void => {
    this.state.update({ isReconnecting: state === 'reconnecting' });
  };

  dismissError(): void {
    this.state.update({ error: undefined });
  }

  async #refresh(): Promise<void> {
    try {
      // The runs first: when they say that a run is over, its items are all there.
      const { runs } = await this.#options.client.listRuns(this.chatId);
      const page = await this.#options.client.listItems(this.chatId, { limit: PAGE_ITEMS });
      const merged = mergeNewest(this.state.get(), page);
      const byId = new Map(runs.map((run) => [run.run_id, run]));
      this.#change({ ...merged, title: page.title, runs: byId, phase: 'ready' });
      const running = runs.find(({ status }) => status === 'running');
      if (running !== undefined) void this.#follow(running.run_id);
    } catch (error) {
      if (isMissing(error))
        this.#change({ phase: this.state.get().outgoing === undefined ? 'missing' : 'ready' });
      else if (this.state.get().phase !== 'ready') this.#change({ phase: 'failed', error: messageOf(error) });
    }
  }

  #deliver(outgoing: Outgoing): Promise<void> {
    this.#delivering = this.#deliverNow(outgoing);
    return this.#delivering;
  }

  async #deliverNow(outgoing: Outgoing): Promise<void> {
    this.#setOutgoing(outgoing);
    const { text, key, replace, rejectsPending } = outgoing;
    try {
      // The chat's last agent is known when its runs are.
      await this.#refreshing;
      const agent = outgoing.agent ?? (await this.#options.agents.findPath(this.state.get()));
      this.#setOutgoing({ ...outgoing, agent });
      if (replace !== undefined) await this.#options.client.deleteItems(this.chatId, replace);
      const request = {
        input: text,
        session_id: this.chatId,
        ...(rejectsPending ? { pending: 'reject' as const } : {}),
      };
      const run = await this.#options.client.stream(request, {
        idempotencyKey: key,
        agent,
        signal: this.#watch?.signal,
        onConnection: this.#onConnection,
      });
      this.#isNew = false;
      void this.#follow(run.runId, run.events);
      this.#change({ items: withoutItems(this.state.get().items, replace) });
      this.#setOutgoing({ ...outgoing, runId: run.runId });
      await this.refresh();
      this.#setOutgoing(undefined);
      this.#options.onChange();
    } catch (error) {
      if (this.#watch?.signal.aborted) return;
      this.#setOutgoing({ ...(this.state.get().outgoing ?? outgoing), error: messageOf(error) });
      if (error instanceof ApiError && error.status === 409) await this.refresh();
    }
  }

  async #follow(runId: string, events?: AsyncIterable<NumberedEvent>): Promise<void> {
    const signal = this.#watch?.signal;
    if (this.#following === runId || signal === undefined || signal.aborted) return;
    this.#following = runId;
    const isCurrent = () => this.#following === runId && !signal.aborted;
    await follow({
      client: this.#options.client,
      runId,
      events,
      signal,
      onConnection: this.#onConnection,
      onProgress: (live) => isCurrent() && this.#change({ live }),
    });
    if (!isCurrent()) return;
    this.#following = undefined;
    // The live answer stays until what was stored of it is there: nothing flickers.
    await this.#refreshing;
    await this.refresh();
    if (this.#following === undefined) this.#change({ live: undefined });
    this.#options.onChange();
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.state.update({ error: messageOf(error) });
    }
  }

  #setOutgoing(outgoing: Outgoing | undefined): void {
    keepOutgoing(this.chatId, outgoing);
    this.#change({ outgoing });
  }

  #change(changes: Partial<Omit<ThreadState, 'messages'>>): void {
    const next = { ...this.state.get(), ...changes };
    this.state.set({ ...next, messages: toMessages(next, this.#messages) });
  }
}
