import { QuestlogError } from '../errors.ts';
import type { News } from './news.ts';

/** What a bus tells the process that uses it. */
export interface BusListener {
  news(news: News): void;
  /** It is connected, for the first time or again: news may have been missed before. */
  connected(): void;
  /** It lost its connection and tries again by itself. */
  lost(error: unknown): void;
}

/** Carries news between processes, as a hint: what it loses is found in the tables a little later. */
export interface Bus {
  /** Rejects when the news did not go out; nobody sends it again. */
  publish(news: News): Promise<void>;
  close(): Promise<void>;
}

/** Starts to connect, and goes on trying in the background. */
export type OpenBus = (listener: BusListener) => Promise<Bus>;

/**
 * The bus behind a URL: `postgres://…` for LISTEN and NOTIFY, on a connection of its own that must not lead through a
 * transaction pooler; `nats://…` (or `tls://…`) for NATS. Loads the client that the URL needs, and no other.
 */
export function busAt(url: string): OpenBus {
  return async (listener) => {
    if (/^postgres(ql)?:/i.test(url)) {
      const { openPostgresBus } = await import('./postgres-bus.ts');
      return openPostgresBus(url, listener);
    }
    if (/^(nats|tls):/i.test(url)) {
      const { openNatsBus } = await import('./nats-bus.ts');
      return openNatsBus(url, listener);
    }
    throw new QuestlogError('invalid_configuration', 'live updates need a postgres:// or nats:// URL');
  };
}
