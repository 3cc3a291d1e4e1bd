import { EventEmitter, once } from 'node:events';
import { expect, onTestFinished, vi } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { OpenBus } from '../../src/live/bus.ts';
import { Live, type LiveOptions } from '../../src/live/live.ts';
import type { Signal } from '../../src/wire/live.ts';

/** So rarely that no test meets it. */
export const NEVER_MS = 2 ** 30;

/** A process's live updates on a database, closed when the test ends. */
export async function liveOn(db: Database, options: Omit<LiveOptions, 'db'> = {}): Promise<Live> {
  const live = new Live({ db, ...options });
  await live.start();
  onTestFinished(() => live.close());
  return live;
}

/** Waits for polls of a database. Live updates with one that never polls do not disturb. */
export function watchPolls(db: Database) {
  const spy = vi.spyOn(db, 'query');
  onTestFinished(() => spy.mockRestore());
  const begun = () => spy.mock.calls.filter(([{ name }]) => name === 'get_watermark').length;
  return {
    /** Resolves when a look that began later is over: another one follows it. */
    async next(): Promise<void> {
      const before = begun();
      await expect.poll(begun, { interval: 5 }).toBeGreaterThan(before + 1);
    },
  };
}

/** A bus of which the test can wait until it is connected, and lose news. */
export function observed(bus: OpenBus, loses: () => boolean = () => false) {
  const events = new EventEmitter();
  let connections = 0;
  const open: OpenBus = (listener) =>
    bus({
      ...listener,
      message: (news) => {
        if (!loses()) listener.message(news);
      },
      connected: () => {
        connections += 1;
        listener.connected();
        events.emit('connected');
      },
    });
  return {
    open,
    /** Waits until it was connected so often. */
    async connected(times = 1): Promise<void> {
      while (connections < times) await once(events, 'connected');
    },
  };
}

/** Somebody who watches a user's chats and keeps what it is told. */
export class Watcher {
  readonly signals: Signal[] = [];
  cursor = '';
  end: () => void = () => undefined;
  readonly #changes = new EventEmitter().setMaxListeners(0);

  static async of(live: Live, userId: string, since?: string): Promise<Watcher> {
    const watcher = new Watcher();
    const watch = await live.watch(
      userId,
      since,
      (texts) => {
        watcher.signals.push(...texts.map((text) => JSON.parse(text) as Signal));
        watcher.#changes.emit('change');
      },
      (cursor) => {
        watcher.cursor = cursor;
      },
    );
    watcher.end = watch.end;
    onTestFinished(watch.end);
    return watcher;
  }

  /** The first signal of a type that fits, come or to come. */
  async signal<Type extends Signal['type']>(
    type: Type,
    fits: (signal: Extract<Signal, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<Signal, { type: Type }>> {
    for (;;) {
      const found = this.signals.find(
        (signal): signal is Extract<Signal, { type: Type }> =>
          signal.type === type && fits(signal as Extract<Signal, { type: Type }>),
      );
      if (found !== undefined) return found;
      await once(this.#changes, 'change');
    }
  }

  typesOf(chatId: string): string[] {
    return this.signals.flatMap((signal) =>
      'chat_id' in signal && signal.chat_id === chatId ? [signal.type] : [],
    );
  }
}
