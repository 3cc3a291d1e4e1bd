import type { ChangedChat, Moment } from '../store/chats/changed-chats.ts';
import type { Signal } from '../wire/live.ts';
import { type KnownChat, toSignals } from './signals.ts';

/** Gets the signals of one user, as the JSON texts that go over the wire: made once for all who watch. */
export type Send = (texts: readonly string[]) => void;

/** The watchers of one user's chats in this process. */
export class Watchers {
  /** What is not newer was there before the first watcher. */
  readonly #from: Moment;
  readonly #senders = new Set<Send>();
  /** What was sent lately, so that nothing is sent twice. */
  readonly #known = new Map<string, KnownChat>();

  constructor(from: Moment) {
    this.#from = from;
  }

  get count(): number {
    return this.#senders.size;
  }

  add(send: Send): void {
    this.#senders.add(send);
  }

  remove(send: Send): void {
    this.#senders.delete(send);
  }

  /** Signals what is new in a chat's row to those who know everything up to `since`. */
  notify(chat: ChangedChat, since: Moment): void {
    if (chat.version <= this.#from) return;
    const known = this.#known.get(chat.chatId);
    this.send(toSignals(chat, Math.max(since, this.#from), known));
    if (known === undefined || known.version < chat.version) this.#known.set(chat.chatId, chat);
  }

  /** Signals how far a run is, unless it is over. */
  notifyProgress(run: { readonly runId: string; readonly chatId: string; readonly lastEvent: number }): void {
    const known = this.#known.get(run.chatId);
    if (known?.runId === run.runId && known.runStatus !== 'running') return;
    const { runId, chatId, lastEvent } = run;
    this.send([{ type: 'run_progressed', chat_id: chatId, run_id: runId, last_event: lastEvent }]);
  }

  send(signals: readonly Signal[]): void {
    if (signals.length === 0) return;
    const texts = signals.map((signal) => JSON.stringify(signal));
    for (const send of this.#senders) send(texts);
  }

  /** Forgets what changed before a moment: no poll goes back that far. */
  forget(before: Moment): void {
    for (const [chatId, { version }] of this.#known) {
      if (version <= before) this.#known.delete(chatId);
    }
  }
}
