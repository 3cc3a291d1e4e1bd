import type { QuestlogClient, Signal } from 'questlog/client';

/** how often a visible page polls, whatever it has heard. */
const POLL_INTERVAL_MS = 60_000;

/** A note that something of the user's has changed; without an id it may be anything. */
interface Change {
  readonly chatId?: string | undefined;
}

/** The user's other tabs in this browser, who may not reach the server's signals. */
export class Tabs {
  readonly #channel = new BroadcastChannel('questlog-changes');

  /** Notifies the other tabs. */
  announce(change: Change): void {
    this.#channel.postMessage(change);
  }

  /** Hears of changes that other tabs made. */
  listen(onChange: (change: Change) => void, signal: AbortSignal): void {
    this.#channel.addEventListener('message', ({ data }) => onChange(data as Change), { signal });
  }
}

/**
 * Where the page hears of changes, made here or anywhere: from the server, and, in case that does not reach it, when
 * the person comes back, when the network does, and now and then.
 *
 * @param onChange is called again only when it is done: what it hears of meanwhile comes together.
 * @returns ends it.
 */
export function watchChanges(
  client: QuestlogClient,
  tabs: Tabs,
  onChange: (change: Change) => Promise<void>,
): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  const notify = coalesce(onChange, signal);
  const live = client.subscribe({
    onSignal: (received) => notifyOfSignal(received, notify),
    // What changed before the first connection is not signalled.
    onState: (state) => state === 'live' && notify({}),
  });
  tabs.listen(notify, signal);
  const poll = () => {
    if (document.visibilityState === 'visible') notify({});
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

function notifyOfSignal(signal: Signal, notify: (change: Change) => void): void {
  // A thread that shows the chat follows the run itself.
  if (signal.type === 'run_progressed') return;
  notify(signal.type === 'resync' ? {} : { chatId: signal.chat_id });
}

/** One at a time, several as one: about the same chat, or about anything. */
function coalesce(work: (change: Change) => Promise<void>, signal: AbortSignal): (change: Change) => void {
  let waiting: Change | undefined;
  let busy = false;
  const go = async () => {
    busy = true;
    while (waiting !== undefined && !signal.aborted) {
      const next = waiting;
      waiting = undefined;
      await work(next);
    }
    busy = false;
  };
  return (change) => {
    waiting = waiting === undefined || waiting.chatId === change.chatId ? change : {};
    if (!busy) void go();
  };
}
