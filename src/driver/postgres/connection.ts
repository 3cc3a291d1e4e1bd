import type { Socket } from 'node:net';
import { QuestlogError } from '../../errors.ts';
import type { Statement, Transaction } from '../driver.ts';
import { isUnconfirmedCommit, isWrite, outcomeUnknown, toWriteFailure } from '../outcome.ts';
import { isRefusal, translateDatabaseError } from '../sqlstate.ts';
import type { CommandResult, PooledClient } from './connection-pool.ts';
import { WITHOUT_LIMITS } from './settings.ts';
import type { StatementNames } from './statement-names.ts';

/** Longer than the server's own limit: mostly it says what became of a statement. */
const SOCKET_TIMEOUT_MS = 35_000;
const SCRIPT_SOCKET_TIMEOUT_MS = 60 * 60_000;

/**
 * A connection of the pool in the hands of one statement or transaction. It goes back to the pool unless something else
 * was refused than what is in a statement: a connection that is gone, or whose server is read-only, would fail the next
 * one, too, and the pool would never move to another server.
 */
export class Connection {
  readonly #client: PooledClient;
  readonly #names: StatementNames;
  /** Why it does not go back. */
  #fault: Error | undefined;
  #isUnconfirmed = false;
  #hasWritten = false;

  constructor(client: PooledClient, names: StatementNames) {
    this.#client = client;
    this.#names = names;
    client.on?.('error', this.#onError);
    client.on?.('notice', this.#onNotice);
  }

  /** Gives it back to the pool, or closes it. */
  release(): void {
    this.#client.removeListener?.('error', this.#onError);
    this.#client.removeListener?.('notice', this.#onNotice);
    this.#client.release(this.#fault);
  }

  /**
   * Runs one statement, which is a transaction of its own.
   *
   * @throws QuestlogError `outcome_unknown` when it may have changed something, and the server did not say whether.
   */
  async query(statement: Statement): Promise<CommandResult> {
    try {
      const result = await this.#ask(statement);
      this.#assertConfirmed();
      return result;
    } catch (error) {
      throw isWrite(statement.text) ? toWriteFailure(translateDatabaseError(error)) : error;
    }
  }

  /**
   * Runs `work` between `begin`, with what else belongs there, and `commit`.
   *
   * @throws QuestlogError `outcome_unknown` when it may have changed something, and the server did not answer the commit.
   */
  async transaction<Result>(begin: string, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    await this.#ask({ text: begin });
    const result = await this.#orRollback(() =>
      work({ query: (statement) => this.#askWithin(statement), exec: (script) => this.#exec(script) }),
    );
    await this.#commit();
    return result;
  }

  async #orRollback<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      // A connection that is closed rolls back by itself.
      if (this.#fault === undefined) await this.#ask({ text: 'rollback' }).catch(() => undefined);
      throw error;
    }
  }

  async #commit(): Promise<void> {
    try {
      const { command } = await this.#ask({ text: 'commit' });
      this.#assertConfirmed();
      if (command === 'ROLLBACK') throw rolledBack();
    } catch (error) {
      throw this.#hasWritten ? toWriteFailure(translateDatabaseError(error)) : error;
    }
  }

  #askWithin(statement: Statement): Promise<CommandResult> {
    this.#hasWritten ||= isWrite(statement.text);
    return this.#ask(statement);
  }

  async #ask(statement: Statement): Promise<CommandResult> {
    try {
      return await this.#client.query(this.#names.prepare(statement));
    } catch (error) {
      const failure = translateDatabaseError(error);
      if (!isRefusal(failure)) this.#fault ??= failure;
      throw failure;
    }
  }

  async #exec(script: string): Promise<void> {
    await this.#ask({ text: WITHOUT_LIMITS });
    this.#hasWritten = true;
    const restore = allowSilence(this.#client);
    await this.#ask({ text: script }).finally(restore);
  }

  #assertConfirmed(): void {
    if (this.#isUnconfirmed) throw outcomeUnknown(new Error('a standby has not confirmed the commit'));
  }

  // An event that nobody listens to ends the process.
  readonly #onError = (error: Error) => {
    this.#fault ??= error;
  };

  readonly #onNotice = (notice: { readonly routine?: string | undefined }) => {
    this.#isUnconfirmed ||= isUnconfirmedCommit(notice);
  };
}

/**
 * Breaks a connection whose server is silent while it is asked. One timer a connection: with the driver's own
 * `query_timeout`, one a statement, V8 collects garbage amid a long result, and 10,000 items take a third longer to load.
 */
export function destroyWhenSilent(client: PooledClient): void {
  const socket = socketOf(client);
  socket?.setTimeout(SOCKET_TIMEOUT_MS);
  socket?.on('timeout', () => {
    // A transaction may wait for its caller as long as that takes.
    if ('readyForQuery' in client && client.readyForQuery === false) socket.destroy();
  });
}

/** For a script, on a connection that is broken when it is silent. @returns what makes it so again. */
function allowSilence(client: PooledClient): () => void {
  const socket = socketOf(client);
  // One of a pool of the caller's has the caller's limits.
  if (socket?.timeout !== SOCKET_TIMEOUT_MS) return () => undefined;
  socket.setTimeout(SCRIPT_SOCKET_TIMEOUT_MS);
  return () => void socket.setTimeout(SOCKET_TIMEOUT_MS);
}

function socketOf(client: PooledClient & { readonly connection?: { readonly stream?: Socket } }) {
  return client.connection?.stream;
}

/** PostgreSQL answers the commit of a transaction whose statement had failed with a rollback, not with an error. */
function rolledBack(): QuestlogError {
  return new QuestlogError(
    'database_failed',
    'the transaction was rolled back: one of its statements had failed',
  );
}
