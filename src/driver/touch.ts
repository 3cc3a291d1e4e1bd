import type { Database, Queryable } from './driver.ts';

/** Whose chats a statement changed; with a run, only that run's events grew. */
export interface Touch {
  readonly userId: string;
  readonly run?: {
    readonly runId: string;
    readonly chatId: string;
    /** The number of its last event. */
    readonly lastEvent: number;
  };
}

type Listener = (touch: Touch) => void;

const LISTENERS = new WeakMap<Queryable, Set<Listener>>();
const UNCOMMITTED = new WeakMap<Queryable, Touch[]>();

/**
 * Says that a statement on `db` changed something. Whoever listens to the database hears of it when it is committed; on
 * a connection that the caller brought, nobody does.
 */
export function touch(db: Queryable, touched: Touch): void {
  for (const listener of LISTENERS.get(db) ?? []) listener(touched);
  UNCOMMITTED.get(db)?.push(touched);
}

/** Hears of every touch on a database in this process, after its commit, until the returned function is called. */
export function onTouch(db: Database, listener: Listener): () => void {
  const listeners = LISTENERS.get(db) ?? new Set();
  LISTENERS.set(db, listeners.add(listener));
  return () => listeners.delete(listener);
}

/** For drivers: keeps what is touched in a new transaction until `passOnTouches`. */
export function keepTouches<Tx extends Queryable>(tx: Tx): Tx {
  UNCOMMITTED.set(tx, []);
  return tx;
}

/** For drivers: the transaction is committed. */
export function passOnTouches(tx: Queryable, db: Database): void {
  for (const touched of UNCOMMITTED.get(tx) ?? []) touch(db, touched);
}
