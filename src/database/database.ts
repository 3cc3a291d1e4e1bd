import { STATEMENTS, trace } from '../channels.ts';
import type { Change } from '../driver/changes.ts';
import type {
  DatabaseKind,
  Driver,
  Queryable,
  QueryResult,
  Statement,
  Transaction,
} from '../driver/driver.ts';
import { invalidField } from '../errors.ts';
import type { Check } from '../options.ts';
import { Turns } from '../turns.ts';
import { AppendBatcher } from './append-batcher.ts';
import { ChangeListeners } from './change-listeners.ts';
import { ChatQueues } from './chat-queues.ts';

/**
 * An open database, and all that this process keeps in memory for it. Whatever shares the `Database` shares that; what
 * has one of its own, another copy of this package included, has none of it.
 */
export class Database implements Driver {
  /** Notifies of what this process changes, after its commit. */
  readonly changes = new ChangeListeners();
  /** Keeps this process's reads and changes of a chat in order. */
  readonly chats: ChatQueues;
  /**
   * The ids of the runs that this process executes, and does not take over, whatever their lease says. On an embedded
   * database every other running one is dead: no other process can have that database open.
   */
  readonly executingRuns = new Set<string>();
  /** In which the large work of users is done. */
  readonly turns = new Turns();
  readonly isDistributed: boolean;
  readonly #driver: Driver;

  constructor(driver: Driver) {
    this.#driver = driver;
    this.isDistributed = driver.isDistributed ?? false;
    this.chats = new ChatQueues(new AppendBatcher(this));
  }

  get kind(): DatabaseKind {
    return this.#driver.kind;
  }

  get location(): string {
    return this.#driver.location;
  }

  get schema(): string | undefined {
    return this.#driver.schema;
  }

  get connections(): number {
    return this.#driver.connections;
  }

  query(statement: Statement): Promise<QueryResult<Record<string, unknown>>> {
    return (
      refuseOther(statement) ??
      traceStatement(statement, () => this.turns.run(statement, () => this.#driver.query(statement)))
    );
  }

  exec(script: string): Promise<void> {
    return this.#driver.exec(script);
  }

  async transaction<Result>(
    work: (tx: Transaction) => Promise<Result>,
    userId?: string | null,
    isLarge = false,
  ): Promise<Result> {
    let changes: Change[] = [];
    const sink = { notify: (change: Change) => void changes.push(change) };
    const withSink = (tx: Transaction) => {
      // What an earlier attempt changed was rolled back.
      changes = [];
      return work({
        query: (statement) => refuseOther(statement) ?? traceStatement(statement, () => tx.query(statement)),
        exec: (script) => tx.exec(script),
        changes: sink,
        isDistributed: this.isDistributed,
      });
    };
    const result = await trace(
      STATEMENTS,
      () => ({ name: 'transaction' }),
      () => this.turns.run({ userId, isLarge }, () => this.#driver.transaction(withSink, userId)),
    );
    for (const change of changes) this.changes.notify(change);
    return result;
  }

  close(): Promise<void> {
    return this.#driver.close();
  }
}

function traceStatement<Result>(statement: Statement, work: () => Promise<Result>): Promise<Result> {
  return trace(STATEMENTS, () => ({ name: statement.name ?? firstWordOf(statement.text) }), work);
}

/** What a statement does, but nothing that an application may have put into it. */
function firstWordOf(text: string): string {
  const word = /^\s*([a-z]+)/i.exec(text)?.[1]?.toLowerCase() ?? '';
  return VERBS.has(word) ? word : 'other';
}

const VERBS: ReadonlySet<string> = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'with',
  'savepoint',
  'release',
]);

/** Of what is no `Statement`, such as SQL alone, a driver would send nothing, or fail in words of its own. */
function refuseOther(statement: Statement): Promise<never> | undefined {
  if (typeof Object(statement).text === 'string') return undefined;
  return Promise.reject(invalidField('text', 'must be the SQL of a statement: query({ text, values })'));
}

/** Does `work` on a chat after what this process does to it already; on a connection of the caller's, at once. */
export async function doInOrder<Result>(
  db: Queryable,
  chatId: string,
  access: 'read' | 'change',
  work: () => Promise<Result>,
): Promise<Result> {
  return isDatabase(db) ? db.chats[access](chatId, work) : work();
}

/** Of an option. */
export const mustBeDatabase: Check = (value) =>
  isDatabase(Object(value)) ? undefined : 'must be a Database, of openDatabase';

/** Whether it is a whole database, and not a transaction or connection of the caller's. */
export function isDatabase(db: Queryable): db is Database {
  return 'chats' in db && 'transaction' in db;
}
