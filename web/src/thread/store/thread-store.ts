import type { ApprovalDecision, FeedbackRequest, PlacedItem, RunResponse } from 'questlog/client';
import { agentOf } from '../../agents.ts';
import type { Change } from '../../changes.ts';
import { failureOf, isMissing } from '../../failure.ts';
import { Observable } from '../../observable.ts';
import type { Written } from '../../outbox/outgoing.ts';
import { Draft } from '../composer/draft.ts';
import { History, joinPassage, leavePassage, PAGE_ITEMS } from './history.ts';
import { mergeNewest, mergeRuns } from './merge-items.ts';
import { type ChatMessage, filesOf, writtenOf } from './message.ts';
import { RunFollower } from './run-follower.ts';
import { showRating } from './show-rating.ts';
import type { ThreadOptions } from './thread-options.ts';
import { headOf, initialState, isAsNewAs, type ThreadState, withOutgoing } from './thread-state.ts';
import { type MessageCache, toMessages } from './to-messages.ts';

/** One chat of the page: what is stored of it, the run that is going on, and what the person does. */
export class ThreadStore {
  readonly chatId: string;
  readonly state: Observable<ThreadState>;
  /** What stands in the message box. */
  readonly draft: Draft;
  /** What of the chat is loaded. */
  readonly history: History;
  readonly #options: ThreadOptions;
  readonly #messages: MessageCache = new WeakMap();
  readonly #follower: RunFollower;
  /** The version that the person has switched to, and in which direction: their focus goes along. */
  chosen: { readonly id: number; readonly step: -1 | 1 } | undefined;
  #isNew: boolean;
  /** Ends what this store waits for, when the chat is not shown any more. */
  #watch: AbortController | undefined;
  #deciding: Promise<void> = Promise.resolve();
  #refreshing: Promise<void> | undefined;

  constructor(options: ThreadOptions) {
    const { client, files, drafts, chatId, isNew, outbox } = options;
    this.#options = options;
    this.chatId = chatId;
    this.#isNew = isNew;
    this.#follower = new RunFollower({
      client,
      onConnection: (state) => this.state.update({ isReconnecting: state === 'reconnecting' }),
      onProgress: (live) => this.#change({ live }),
      onEnd: () => this.#showEnd(),
    });
    this.draft = new Draft(files, drafts, isNew ? undefined : chatId);
    this.state = new Observable(initialState(isNew, outbox.of(chatId)));
    this.history = new History({
      client,
      chatId,
      state: this.state,
      change: (known) => this.#change(known),
      attempt: (work) => this.#try(work),
    });
  }

  /** Begins to show the chat: fetches what is missing. */
  open(): () => void {
    const watch = new AbortController();
    this.#watch = watch;
    const unsubscribe = this.#options.outbox.messages.subscribe(() => this.#showOutgoing());
    this.#showOutgoing();
    void this.refresh();
    return () => {
      unsubscribe();
      watch.abort();
      this.#change({ live: undefined, passage: undefined });
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

  /** As `refresh`, unless it is as new as these changes, or could not be fetched. Its first message may be another tab's. */
  async catchUp(changes: readonly Change[]): Promise<void> {
    this.#isNew &&= changes.every(({ chatId }) => chatId !== this.chatId);
    await this.#refreshing;
    if (!isAsNewAs(this.state.get(), changes)) await this.refresh();
  }

  /** What is said next is for this agent. */
  pickAgent(name: string): void {
    this.#change({ picked: name });
  }

  /** Says something, in place of the messages from `replaced` on if that is given. */
  send(written: Written, replaced?: ChatMessage): void {
    const { agents, outbox } = this.#options;
    const { runs, phase } = this.state.get();
    this.#change(leavePassage(this.state.get(), replaced !== undefined));
    outbox.add({
      ...written,
      chatId: this.chatId,
      // Which agent a chat is with is known when its runs are.
      agent: phase === 'ready' ? agentOf(this.state.get(), agents.known.get())?.name : undefined,
      replaceFrom: replaced?.from,
      rejectsPending: [...runs.values()].some(({ status }) => status === 'awaiting_approval'),
    });
  }

  /** Asks once more what was asked last before an answer, or before the end: the answer is made anew. */
  async answerAgain(answer?: ChatMessage): Promise<void> {
    const { messages } = this.state.get();
    const before = answer === undefined ? messages : messages.slice(0, messages.indexOf(answer));
    const asked = before.findLast(({ role }) => role === 'user');
    const files = await this.#options.files.copy(asked === undefined ? [] : filesOf(asked));
    if (asked !== undefined) this.send({ ...writtenOf(asked), files }, asked);
  }

  /** Goes on with another version of what follows. */
  async select(id: number, step: -1 | 1): Promise<void> {
    await this.#try(async () => {
      await this.#options.client.selectAlternative(this.chatId, id);
      this.chosen = { id, step };
      await this.refresh();
      this.#options.onChange();
    });
  }

  /** A message of this chat has begun a run. */
  async join(runId: string): Promise<void> {
    this.#isNew = false;
    void this.#follow(runId);
    // What is being fetched already may be older than the run.
    await this.#refreshing;
    await this.refresh();
  }

  /** Stops the run that is going on, or that waits for the person. */
  async stop(): Promise<void> {
    const { live, runs } = this.state.get();
    const waiting = [...runs.values()].find(({ status }) => status === 'awaiting_approval');
    const runId = live?.runId ?? waiting?.run_id;
    if (runId === undefined) return;
    await this.#try(() => this.#options.client.cancelRun(runId).then(() => this.refresh()));
  }

  /** Approves or rejects a call that waits, after what was decided before: a run takes decisions while it waits. */
  decide(run: RunResponse, decision: ApprovalDecision): Promise<void> {
    this.#deciding = this.#deciding.then(() => this.#decide(run.run_id, decision));
    return this.#deciding;
  }

  async #decide(runId: string, decision: ApprovalDecision): Promise<void> {
    await this.#try(async () => {
      const waiting = this.state.get().runs.get(runId)?.pending ?? [];
      const decided = await this.#options.client.decideCalls(runId, [decision]);
      // The other calls wait on while the run does what was decided.
      const pending = waiting.filter(({ call_id }) => call_id !== decision.call_id);
      this.#change({ runs: new Map([...this.state.get().runs, [runId, { ...decided, pending }]]) });
      this.#options.onChange();
      await this.#follow(runId);
    });
    await this.refresh();
  }

  /** Says what the person thinks of an item. */
  rate(position: number, feedback: FeedbackRequest): Promise<void> {
    const show = (items: readonly PlacedItem[]) => this.#change({ items });
    const store = () => this.#options.client.rateItem(this.chatId, { position, ...feedback });
    return this.#try(() => showRating(this.state, show, { position, ...feedback }, store));
  }

  dismissError(): void {
    this.state.update({ error: undefined });
  }

  async #refresh(): Promise<void> {
    try {
      // The runs first: when they say that a run is over, its items are all there.
      const { runs, usage } = await this.#options.client.listRuns(this.chatId);
      const page = await this.#options.client.listItems(this.chatId, { limit: PAGE_ITEMS });
      const merged = mergeNewest(this.state.get(), page);
      const byId = mergeRuns(this.state.get().runs, runs);
      // That it could not be loaded is over.
      if (this.state.get().phase === 'failed') this.dismissError();
      this.#change({ ...merged, ...headOf(page), runs: byId, usage, phase: 'ready' });
      this.#showOutgoing();
      const running = runs.find(({ status }) => status === 'running');
      if (running !== undefined) void this.#follow(running.run_id);
    } catch (error) {
      if (isMissing(error)) this.#change({ phase: await this.#whyMissing() });
      else if (this.state.get().phase !== 'ready') this.#change({ phase: 'failed', error: failureOf(error) });
    }
  }

  #showOutgoing(): void {
    this.#change({ outgoing: withOutgoing(this.state.get(), this.#options.outbox.of(this.chatId)) });
  }

  async #whyMissing(): Promise<ThreadState['phase']> {
    try {
      await this.#options.client.listItems(this.chatId, { limit: 1, includeDeleted: true });
      return 'deleted';
    } catch {
      // A chat whose first message waits is not there yet.
      return this.state.get().outgoing.length > 0 ? 'ready' : 'missing';
    }
  }

  /** Takes the deletion of this chat back. */
  restore(): Promise<void> {
    return this.#try(async () => {
      await this.#options.client.restoreChat(this.chatId);
      await this.refresh();
      this.#options.onChange();
    });
  }

  #follow(runId: string): Promise<void> {
    const signal = this.#watch?.signal;
    return signal === undefined || signal.aborted ? Promise.resolve() : this.#follower.follow(runId, signal);
  }

  async #showEnd(): Promise<void> {
    // The live answer stays until what was stored of it is there: nothing flickers.
    await this.#refreshing;
    await this.refresh();
    if (!this.#follower.isFollowing) this.#change({ live: undefined });
    this.#options.onChange();
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.state.update({ error: failureOf(error) });
    }
  }

  #change(changes: Partial<Omit<ThreadState, 'messages'>>): void {
    const changed = { ...this.state.get(), ...changes };
    const next = { ...changed, ...joinPassage(changed) };
    // In a passage nothing is on its way.
    const { passage } = next;
    const shown =
      passage === undefined ? next : { ...next, items: passage.items, live: undefined, outgoing: [] };
    this.state.set({ ...next, messages: toMessages(shown, this.#messages) });
  }
}
