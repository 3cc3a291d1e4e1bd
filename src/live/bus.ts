import type { ChangeMessage } from './change-message.ts';

/** What a bus notifies its process of. */
export interface BusListener {
  /** What another process changed. */
  message(message: ChangeMessage): void;
  /** It is connected, for the first time or again: messages may have been missed before. */
  connected(): void;
  /** It lost its connection and tries again by itself. */
  lost(error: unknown): void;
}

/** Carries change messages between processes, as a hint: what it loses is found in the tables a little later. */
export interface Bus {
  /** Rejects when the message did not go out; it is not sent again. */
  publish(message: ChangeMessage): Promise<void>;
  /** Leaves the bus. */
  close(): Promise<void>;
}

/** Starts to connect, and goes on trying in the background. */
export type OpenBus = (listener: BusListener) => Promise<Bus>;
