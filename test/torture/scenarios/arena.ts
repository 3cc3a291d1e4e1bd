import type { CleanUp } from '../../support/clean-up.ts';
import type { Trouble } from '../plan.ts';
import type { Processes } from '../processes.ts';

/** A database, and what goes wrong with it. */
export interface Arena {
  /** The database, as the processes reach it. */
  readonly url: string;
  readonly processes: number;
  /** It is over after so many. Default: when its time is. */
  readonly troubles?: number;
  trouble(trouble: Trouble, processes: Processes): Promise<void>;
  /** Ends what is wrong, but for what the processes must get over by themselves. */
  heal(): Promise<void>;
  /** The database behind everything, to read what it holds. */
  where(): string;
}

/** Thrown by a scenario that this machine cannot have. */
export class Skipped extends Error {}

/** @param folder an empty one. */
export type Scenario = (seed: number, atEnd: CleanUp, folder: string) => Promise<Arena>;

export const nothing = () => Promise.resolve();
