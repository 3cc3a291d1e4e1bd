import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ApiError, type LiveSubscription, type PlacedItem, QuestlogClient } from '../../src/client/index.ts';
import type { LiveWebSocket } from '../../src/client/live-connection.ts';
import { Ends } from './ends.ts';
import { findFaults, type Saying } from './history.ts';
import type { Step } from './plan.ts';

/** What all users write down. */
export interface Notes {
  /** How long something took, when it was over. */
  took(what: string, ms: number): void;
  failed(code: string): void;
  readonly faults: string[];
}

interface Chat {
  readonly chatId: string;
  readonly sayings: Saying[];
}

/** So many chats a user has at once, of so many turns: what the database holds stays about the same. */
const CHATS = 6;
const TURNS = 20;
const PERSISTENT_TRIES = 60;
/** A socket that was away tells what it missed when it is back. */
const SIGNAL_MS = 60_000;

/** One user: an application that does one thing after another, and a socket that is told of it. */
export class User {
  readonly #client: QuestlogClient;
  readonly #name: string;
  readonly #notes: Notes;
  readonly #chats: Chat[] = [];
  readonly #live: LiveSubscription;
  readonly #ends = new Ends();
  #count = 0;

  constructor(name: string, place: { baseUrl: string; getToken: () => Promise<string> }, notes: Notes) {
    this.#name = name;
    this.#notes = notes;
    this.#client = new QuestlogClient(place);
    this.#live = this.#client.subscribe({
      WebSocket: WebSocket as unknown as LiveWebSocket,
      onSignal: (signal) => {
        for (const ms of this.#ends.hear(signal)) notes.took('signal', ms);
      },
    });
  }

  async play(steps: Iterable<Step>, over: AbortSignal): Promise<void> {
    for (const step of steps) {
      if (over.aborted) break;
      await this.#act(step).catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        this.#notes.failed(error.code);
      });
      this.#findUntold(SIGNAL_MS);
      await sleep(step.pauseMs);
    }
  }

  /** Looks at every chat once more, and goes. */
  async end(): Promise<void> {
    for (const chat of this.#chats) await this.#judge(chat);
    this.#findUntold(SIGNAL_MS / 2);
    this.#live.close();
  }

  async #act({ kind, chat: choice, leavesAfterMs }: Step): Promise<unknown> {
    const client = this.#client;
    const chat = this.#chats[choice % CHATS] ?? (await this.#open());
    const { chatId } = chat;
    switch (kind) {
      case 'say':
        return this.#say(chat);
      case 'leave':
        return this.#say(chat, leavesAfterMs);
      case 'list':
        return this.#time('list', () => client.listChats({ limit: 20 }));
      case 'read':
        return this.#time('read', () => client.listItems(chatId, { limit: 20 }));
      case 'search':
        return this.#time('search', () => client.searchChats(`word${choice % 50}`));
      case 'rename':
        return this.#time('rename', () => client.updateChat(chatId, { title: `Title ${choice}` }));
      case 'delete':
        await persist(() => client.deleteChat(chatId).catch(unlessGone));
        return persist(() => client.restoreChat(chatId));
      case 'forget':
        return this.#forget(chat);
    }
  }

  async #open(): Promise<Chat> {
    const { chat_id: chatId } = await this.#client.createChat({ title: `Chat of ${this.#name}` });
    const chat = { chatId, sayings: [] };
    this.#chats.push(chat);
    return chat;
  }

  /** @param leavesAfterMs gives the stream up after so long, and reads the run on over another connection. */
  async #say(chat: Chat, leavesAfterMs?: number): Promise<void> {
    if (chat.sayings.length >= TURNS) return this.#forget(chat);
    const mark = `${this.#name}m${this.#count++}.`;
    const saying: Saying = { mark, outcome: 'unknown' };
    chat.sayings.push(saying);
    const began = performance.now();
    const leaving = leavesAfterMs === undefined ? undefined : AbortSignal.timeout(leavesAfterMs);
    let runId: string | undefined;
    let last = 0;
    try {
      const begun = await this.#client
        .stream({ input: `Say ${mark}`, session_id: chat.chatId })
        .catch((error: unknown) => {
          // An answer that refuses: it is not stored.
          if (error instanceof ApiError && error.status >= 400 && error.status < 500) chat.sayings.pop();
          throw error;
        });
      saying.outcome = 'stored';
      runId = begun.runId;
      this.#ends.begin(chat.chatId, runId);
      let isFirst = true;
      for await (const { id, event } of begun.events) {
        last = id;
        if (event.type === 'raw_response' && isFirst) {
          this.#notes.took('first token', performance.now() - began);
          isFirst = false;
        }
        if (event.type === 'stream_complete') saying.outcome = 'answered';
        if (leaving?.aborted) break;
      }
      if (leaving?.aborted) {
        for await (const { event } of this.#client.followRun(runId, { after: last }))
          if (event.type === 'stream_complete') saying.outcome = 'answered';
      }
    } finally {
      if (saying.outcome === 'answered' && leaving === undefined)
        this.#notes.took('turn', performance.now() - began);
      if (runId !== undefined) this.#ends.end(runId, saying.outcome === 'answered');
    }
  }

  async #forget(chat: Chat): Promise<void> {
    await this.#judge(chat);
    await persist(() => this.#client.deleteChat(chat.chatId, { permanent: true }).catch(unlessGone));
    this.#chats.splice(this.#chats.indexOf(chat), 1);
  }

  async #judge({ chatId, sayings }: Chat): Promise<void> {
    const items: PlacedItem[] = [];
    for (let more = true; more; ) {
      const after = items.at(-1)?.position ?? -1;
      const page = await persist(() => this.#client.listItems(chatId, { after }));
      items.push(...page.items);
      more = page.has_more;
    }
    this.#notes.faults.push(...findFaults(chatId, sayings, items));
  }

  async #time(what: string, work: () => Promise<unknown>): Promise<void> {
    const began = performance.now();
    await work();
    this.#notes.took(what, performance.now() - began);
  }

  #findUntold(longestMs: number): void {
    for (const runId of this.#ends.takeUntold(longestMs))
      this.#notes.faults.push(`${this.#name}: nobody told of the end of run ${runId}`);
  }
}

/** Does what may be done twice, until the server that was ended is back. */
async function persist<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === PERSISTENT_TRIES || !(error instanceof ApiError) || !error.isPassing) throw error;
      await sleep(500);
    }
  }
}

/** An attempt before, whose answer was lost, may have done it. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError) || error.code !== 'chat_not_found') throw error;
}
