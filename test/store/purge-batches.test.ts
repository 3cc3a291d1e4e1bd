import { describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import type { QueryResult, Statement, Transaction } from '../../src/driver/driver.ts';
import { createChat, DatabaseSession, getUserChats, migrate, purge, setChatExpiry } from '../../src/index.ts';
import { agentSays, userSays } from '../session/items.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { RecordingDriver } from '../support/recording-driver.ts';

const TALK = [userSays('a'), agentSays('b')];

/** A database whose statements in a transaction are shown before, and may be answered, by `look`. */
function watched(
  db: Database,
  look: (statement: Statement, tx: Transaction) => Promise<QueryResult<Record<string, unknown>> | undefined>,
): Database {
  class Watched extends RecordingDriver {
    override transaction<Result>(work: (tx: Transaction) => Promise<Result>, userId?: string | null) {
      const watch = (tx: Transaction): Transaction => ({
        query: async (statement) => (await look(statement, tx)) ?? tx.query(statement),
        exec: (script) => tx.exec(script),
      });
      return super.transaction((tx) => work(watch(tx)), userId);
    }
  }
  return new Database(new Watched(db));
}

describe.each(DATABASES)('the batches of a purge on $name', ({ openEmpty }) => {
  it('leaves a chat that another process is about until it is empty, its runs included', async () => {
    const db = await openEmpty();
    await migrate(db);
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    const values = [chatId, userId];
    await db.query({
      userId,
      text: `insert into chat_items (chat_id, position, user_id, item) select $1, n, $2, '{}' from generate_series(0, 1499) as n`,
      values,
    });
    await db.query({
      userId,
      text: `insert into runs (user_id, run_id, chat_id, agent, status, epoch, lease_until, ended_at)
        select $2, $1 || n, $1, 'A', 'completed', 1, now(), now() from generate_series(1, 1500) as n`,
      values,
    });
    await setChatExpiry(db, chatId, userId, new Date(0));
    const left = `select (select count(*) from chat_items where chat_id = $1 and user_id = $2)::int as items,
      (select count(*) from runs where chat_id = $1 and user_id = $2)::int as runs`;
    const found: unknown[] = [];
    let locks = 0;
    const busy = watched(db, async (statement, tx) => {
      if (statement.text.startsWith('delete from chats') && statement.values?.[1] === chatId)
        found.push(...(await tx.query({ userId, text: left, values })).rows);
      const isTaken = statement.text.includes('pg_try_advisory_xact_lock') && ++locks === 2;
      return isTaken ? { rows: [{ isMine: false }] } : undefined;
    });
    await purge(busy);
    expect(found).toEqual([{ items: 0, runs: 0 }]);
    expect(await getUserChats(db, userId, { activeOnly: false })).toEqual([]);
  });

  it('counts before what goes with a chat as it does afterwards: with the chat', async () => {
    const db = await openEmpty();
    await migrate(db);
    const userId = newUser();
    for (const isDue of [true, false]) {
      const { chatId } = await createChat(db, userId, { conversation: TALK });
      await new DatabaseSession(chatId, db, { userId }).clearSession();
      await db.query({
        userId,
        text: `insert into runs (user_id, run_id, chat_id, agent, status, epoch, lease_until, ended_at)
          values ($1, $2, $2, 'A', 'completed', 1, now(), now() - interval '9 days')`,
        values: [userId, chatId],
      });
      if (isDue) await setChatExpiry(db, chatId, userId, new Date(0));
    }
    await db.query({
      userId,
      text: `update archived_items set archived_at = now() - interval '9 days' where user_id = $1`,
      values: [userId],
    });
    const keep = { archivedDays: 5, runDays: 5 };
    const counted = await purge(db, keep, { dryRun: true });
    expect(counted).toEqual({ chats: 1, archivedItems: TALK.length, runs: 1, usage: 0 });
    expect(await purge(db, keep)).toEqual(counted);
  });
});
