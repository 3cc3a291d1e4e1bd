import type { QuestlogClient, RunResponse, Signal } from 'questlog/client';
import { ownName, pathOf } from './config.ts';

/** how often a visible page polls, whatever it has heard. */
const POLL_INTERVAL_MS = 60_000;

/** A server and a browser do not have the same time: what changed shortly before the page was opened is signalled, too. */
const CLOCK_DIFFERENCE_MS = 5_000;

/** A note that something of the user's has changed; without an id it may be anything. */
export interface Change {
  readonly chatId?: string | undefined;
  /** Who has so new a version of the chat knows of it already, in microseconds since 1970; by default nobody does. */
  readonly version?: number;
  /** Its newest run, where that is what has changed. */
  readonly run?: Pick<RunResponse, 'run_id' | 'status'> | undefined;
  /** The person has removed everything: what a tab still knows goes, too. */
  readonly isErased?: true;
}

/** What nobody has. */
export const NEWEST = Number.POSITIVE_INFINITY;

/** The server is there: what could not be done before may be tried again. */
const NOTHING_NEW: Change = { version: 0 };

/** The user's other tabs in this browser, who may not reach the server's signals. */
export class Tabs {
  readonly #channel = new BroadcastChannel(ownName('-changes'));

  /** Notifies the other tabs. */
  announce(change: Change): void {
    this.#channel.postMessage(change);
  }

  /** Hears of changes that other tabs made. */
  listen(onChange: (change: Change) => void, signal: AbortSignal): void {
    const hear = ({ data }: MessageEvent<Change>) =>
      data.isErased ? location.replace(pathOf('/')) : onChange(data);
    this.#channel.addEventListener('message', hear, { signal });
  }
}

/**
 * Where the page hears of changes, made here or anywhere: from the server, and, in case that does not reach it, when
 * the person comes back, when the network does, and now and then.
 *
 * @param onChange is called again only when it is done: what it hears of meanwhile comes together.
 * @param onSignal is called before, with each signal; where none comes, with one that says so.
 * @returns ends it.
 */
export function watchChanges(
  client: QuestlogClient,
  tabs: Tabs,
  onChange: (changes: readonly Change[]) => Promise<void>,
  onSignal: (signal: Signal) => void,
): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  const notify = coalesce(onChange, signal);
  let isFirst = true;
  let isLive = false;
  const live = client.subscribe({
    onSignal: (received) => {
      onSignal(received);
      const change = changeOf(received);
      if (change !== undefined) notify(change);
    },
    // What changes before the first connection is signalled by it. A time that is ahead of the server's gets a resync.
    since: String((Date.now() - CLOCK_DIFFERENCE_MS) * 1_000),
    onState: (state) => {
      isLive = state === 'live';
      if (!isLive) return;
      notify(isFirst ? NOTHING_NEW : {});
      isFirst = false;
    },
  });
  tabs.listen(notify, signal);
  const poll = () => {
    if (document.visibilityState !== 'visible') return;
    if (!isLive) onSignal({ type: 'resync', cursor: '' });
    notify({});
  };
  const comeBack = () => {
    live.reconnect();
    poll();
  };
  document.addEventListener('visibilitychange', comeBack, { signal });
  window.addEventListener('focus', comeBack, { signal });
  window.addEventListener('online', comeBack, { signal });
  const timer = setInterval(comeBack, POLL_INTERVAL_MS);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    live.close();
  });
  return () => ended.abort();
}

/** @returns undefined: a thread that shows the chat follows the run itself. */
function changeOf(signal: Signal): Change | undefined {
  switch (signal.type) {
    case 'run_progressed':
      return undefined;
    case 'resync':
      return {};
    case 'run_started':
      return changeOfRun(signal, 'running');
    case 'run_awaiting_approval':
      return changeOfRun(signal, 'awaiting_approval');
    case 'run_ended':
      return changeOfRun(signal, signal.status);
    default:
      return { chatId: signal.chat_id, version: Number(signal.version) };
  }
}

/** That its chat is newer is signalled beside it. */
function changeOfRun(
  { chat_id, run_id }: { readonly chat_id: string; readonly run_id: string },
  status: RunResponse['status'],
): Change {
  return { chatId: chat_id, version: 0, run: { run_id, status } };
}

/** One at a time; what comes meanwhile comes together, one change a chat. */
function coalesce(
  work: (changes: readonly Change[]) => Promise<void>,
  signal: AbortSignal,
): (change: Change) => void {
  const waiting = new Map<string | undefined, Change>();
  let busy = false;
  const go = async () => {
    busy = true;
    while (waiting.size > 0 && !signal.aborted) {
      const changes = [...waiting.values()];
      waiting.clear();
      await work(changes);
    }
    busy = false;
  };
  return ({ chatId, version = NEWEST, run }) => {
    const known = waiting.get(chatId);
    waiting.set(chatId, {
      chatId,
      version: Math.max(version, known?.version ?? 0),
      run: run ?? known?.run,
    });
    if (!busy) void go();
  };
}
