import type { ChangeMessage } from './change-message.ts';

/** What a bus tells the process that uses it. */
export interface BusListener {
  message(news: ChangeMessage): void;
  /** It is connected, for the first time or again: news may have been missed before. */
  connected(): void;
  /** It lost its connection and tries again by itself. */
  lost(error: unknown): void;
}

/** Carries news between processes, as a hint: what it loses is found in the tables a little later. */
export interface Bus {
  /** Rejects when the news did not go out; nobody sends it again. */
  publish(news: ChangeMessage): Promise<void>;
  close(): Promise<void>;
}

/** Starts to connect, and goes on trying in the background. */
export type OpenBus = (listener: BusListener) => Promise<Bus>;
