import { ApiError, newId, type QuestlogClient } from 'questlog/client';
import { type Agents, agentOf } from '../agents.ts';
import { isMissing, PageError } from '../failure.ts';
import type { FilePart } from '../files/file-part.ts';
import type { Files } from '../files/files.ts';
import { alone } from './alone.ts';
import { KeptMessages } from './kept-messages.ts';
import { type Hold, holdOf, type Outgoing, toInput, type Written } from './outgoing.ts';
import { findRoom, putBack } from './replaced.ts';
import { atMost, toDelayMs } from './waiting.ts';

interface OutboxOptions {
  readonly client: QuestlogClient;
  readonly agents: Agents;
  readonly files: Files;
  /** Who writes them. */
  readonly person: string;
  /** Is called when a message has begun its run. */
  readonly onBegun: (message: Outgoing, runId: string) => void;
}

/** A message that is not on its way yet. */
interface NewMessage extends Written, Pick<Outgoing, 'chatId' | 'agent' | 'rejectsPending'> {
  /** The position from which on it takes the place of what was said. */
  readonly replaceFrom: number | undefined;
}

/**
 * The messages that are on their way, of all chats: each chat's go out one by one, in order, whatever is shown. What keeps
 * one back passes, or the person decides; nothing else takes a message away.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly messages: KeptMessages['all'];
  readonly #kept: KeptMessages;
  /** The chats whose messages this tab is sending, and what wakes it where it waits. */
  readonly #sending = new Map<string, () => void>();
  /** The requests that are on their way, by the keys of their messages. */
  readonly #requests = new Map<string, AbortController>();
  #ended: AbortSignal | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#kept = new KeptMessages(options.person, options.files);
    this.messages = this.#kept.all;
  }

  /** Begins to send. @returns ends it; what is not sent stays. */
  open(): () => void {
    const ended = new AbortController();
    this.#ended = ended.signal;
    this.#kept.listen(ended.signal);
    const unsubscribe = this.messages.subscribe(() => this.#sendAll());
    window.addEventListener('online', () => this.wake(), { signal: ended.signal });
    this.#sendAll();
    return () => {
      unsubscribe();
      ended.abort();
      this.wake();
    };
  }

  /** The messages of a chat that wait, in their order. */
  of(chatId: string): Outgoing[] {
    return this.messages.get().filter((message) => message.chatId === chatId);
  }

  /** Takes a message, to send it after those before it. */
  add({ replaceFrom, ...written }: NewMessage): void {
    const waiting = this.of(written.chatId);
    // What the person has seen and not decided is rejected, also by what was written before it was there.
    if (written.rejectsPending)
      for (const message of waiting) this.#change(message, { rejectsPending: true });
    this.#kept.put({
      ...written,
      key: newId(),
      writtenAt: Math.max(Date.now(), (waiting.at(-1)?.writtenAt ?? 0) + 1),
      replace: replaceFrom === undefined ? undefined : { from: replaceFrom, to: undefined },
      runId: undefined,
      held: undefined,
    });
    this.wake(written.chatId);
  }

  /** Tries a message once more that was refused. */
  retry(message: Outgoing): void {
    this.#change(message, { held: undefined });
    this.wake(message.chatId);
  }

  /**
   * Gives a message back that was not sent, its files with it; one that is on its way is stopped.
   *
   * @returns undefined: it was sent, just now.
   */
  takeBack({ chatId, key }: Outgoing): Promise<Outgoing | undefined> {
    this.#requests.get(key)?.abort();
    return inTurn(chatId, async () => {
      const message = this.#kept.get(key);
      if (message?.runId !== undefined) return undefined;
      this.#kept.remove(key);
      if (message !== undefined) void inTurn(chatId, () => this.#putBack(message));
      return message;
    });
  }

  /** Something may have changed that messages wait for. */
  wake(chatId?: string): void {
    if (chatId !== undefined) this.#sending.get(chatId)?.();
    else for (const wake of this.#sending.values()) wake();
  }

  #sendAll(): void {
    if (this.#ended?.aborted) return;
    for (const { chatId } of this.messages.get()) if (!this.#sending.has(chatId)) void this.#sendOf(chatId);
  }

  async #sendOf(chatId: string): Promise<void> {
    let failures = 0;
    do {
      const woken = new Promise<void>((resolve) => this.#sending.set(chatId, resolve));
      const held = await inTurn(chatId, () => this.#sendFirst(chatId));
      failures = held === undefined ? 0 : failures + 1;
      if (held !== undefined) await atMost(toDelayMs(held, failures), woken);
      // As it is now: what was written, or is tried again, while the last one was worked on found this at work.
    } while (!this.#ended?.aborted && this.#isDue(chatId));
    this.#sending.delete(chatId);
  }

  /** Whether a message of a chat may go out: one that the server refuses waits for the person, with those behind it. */
  #isDue(chatId: string): boolean {
    const [first] = this.of(chatId);
    return first !== undefined && first.held?.why !== 'refusal';
  }

  /** Sends the first message of a chat, if it may. @returns what keeps it back for a while. */
  async #sendFirst(chatId: string): Promise<Hold | undefined> {
    const [first] = this.of(chatId);
    const message = first && this.#kept.get(first.key);
    // Another tab has sent it.
    if (message === undefined) return undefined;
    if (message.held?.why === 'refusal') {
      await this.#putBack(message);
      return undefined;
    }
    const request = new AbortController();
    this.#requests.set(message.key, request);
    try {
      await this.#send(message, request);
      return undefined;
    } catch (error) {
      // The person takes it back.
      if (request.signal.aborted) return undefined;
      const held = holdOf(error);
      this.#change(message, { held });
      if (held.why !== 'refusal') return held;
      await this.#putBack(this.#kept.get(message.key) ?? message);
      return undefined;
    } finally {
      this.#requests.delete(message.key);
    }
  }

  async #send(message: Outgoing, reading: AbortController): Promise<void> {
    const { client, files, onBegun } = this.#options;
    const { chatId, key, rejectsPending } = message;
    const parts = await this.#partsOf(message);
    const agent = await this.#pathOf(message);
    reading.signal.throwIfAborted();
    await this.#makeRoom(message);
    const request = {
      input: toInput(message, parts),
      session_id: chatId,
      ...(rejectsPending ? { pending: 'reject' as const } : {}),
    };
    const { runId } = await client.stream(request, { idempotencyKey: key, agent, signal: reading.signal });
    // The run is followed where its chat is shown.
    reading.abort();
    this.#change(message, { runId, held: undefined });
    onBegun(message, runId);
    this.#kept.remove(key);
    files.remove(message.files);
  }

  async #partsOf({ files }: Outgoing): Promise<FilePart[]> {
    const parts = await Promise.all(files.map(({ id }) => this.#options.files.read(id)));
    if (parts.includes(undefined)) throw new PageError('file_gone');
    return parts.filter((part) => part !== undefined);
  }

  /** Where its agent is. */
  async #pathOf({ chatId, agent }: Outgoing): Promise<string | undefined> {
    const known = await this.#options.agents.load();
    const isChoice = agent === undefined && known.length > 1;
    const runs = isChoice ? await this.#runsOf(chatId) : [];
    const byId = new Map(runs.map((run) => [run.run_id, run]));
    return agentOf({ picked: agent, runs: byId }, known)?.path;
  }

  async #runsOf(chatId: string) {
    try {
      return (await this.#options.client.listRuns(chatId)).runs;
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** Sets aside what a message replaces: trying again names the same range, which sets nothing more aside. */
  async #makeRoom(message: Outgoing): Promise<void> {
    const { chatId, replace } = message;
    if (replace === undefined) return;
    const { client } = this.#options;
    const room = await findRoom(client, chatId, replace);
    this.#change(message, { replace: room });
    try {
      await client.setAside(chatId, room);
    } catch (error) {
      // The answer that is being written, or waits for a decision, is replaced too.
      const runId = error instanceof ApiError && error.status === 409 ? error.problem?.run_id : undefined;
      if (typeof runId === 'string') {
        await client.cancelRun(runId);
        this.#change(message, { replace: { from: room.from, to: undefined } });
      }
      throw error;
    }
  }

  /** Puts back what was set aside for a message that does not come. */
  async #putBack(message: Outgoing): Promise<void> {
    const { chatId, replace } = message;
    if (replace === undefined) return;
    const now = await putBack(this.#options.client, chatId, replace).catch(() => replace);
    if (now !== replace) this.#change(message, { replace: now });
  }

  /** Changes a message, unless it is gone. */
  #change({ key }: Outgoing, changes: Partial<Outgoing>): void {
    const message = this.#kept.get(key);
    if (message !== undefined) this.#kept.put({ ...message, ...changes });
  }
}

/** One tab at a time sends the messages of a chat. Without locks their keys remain. */
function inTurn<Result>(chatId: string, work: () => Promise<Result>): Promise<Result> {
  return alone(`outbox:${chatId}`, work);
}
