import { describe, expect, it } from 'vitest';
import { lockChat } from '../../src/store/items/locked-chat.ts';
import { userSays } from '../session/items.ts';
import { asUser, serverOn } from '../support/app.ts';
import { DATABASES, newUser, SERVER, type TestDatabases } from '../support/databases.ts';

const LARGE = Array.from({ length: 300 }, (_, n) => userSays(`${n}`.padEnd(200)));

/** The ready server, one user with a chat, and another user. */
async function stage({ open }: TestDatabases) {
  const db = await open();
  const app = await serverOn(db);
  const userId = newUser();
  const [greedy, other] = [asUser(app, userId), asUser(app, newUser())];
  const chatId: string = (await greedy('POST', '/chats', {})).json().chat_id;
  const put = () => greedy('PUT', `/chats/${chatId}`, { conversation: LARGE });
  const list = () => other('GET', '/chats?limit=20');
  return { db, userId, chatId, put, list };
}

describe('twenty replacements of one large chat at once', () => {
  it('do not keep another user waiting on PGlite: of those that wait, one is before', async () => {
    const { put, list } = await stage(DATABASES[0] as TestDatabases);
    const stored: number[] = [];
    const puts = Array.from({ length: 20 }, async () => stored.push((await put()).statusCode));
    await puts[0];
    const before = stored.length;
    expect((await list()).statusCode).toBe(200);
    // A list is two statements.
    expect(stored.length - before).toBeLessThanOrEqual(2);
    await Promise.all(puts);
    expect(stored).toEqual(Array(20).fill(200));
  });

  // Who waits for a lock is not seen from the coordinator of a cluster.
  it.skipIf(SERVER.name === 'Citus')(
    'do not keep another user waiting on PostgreSQL, not even when none gets on',
    async () => {
      const { db, userId, chatId, put, list } = await stage(SERVER);
      const statuses: number[] = [];
      const puts = await db.transaction(async (tx) => {
        await lockChat(tx, chatId, userId);
        const waiting = Array.from({ length: 20 }, async () => {
          const reply = await put();
          statuses.push(reply.statusCode);
          return reply;
        });
        const atLock = {
          text: `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        };
        await expect.poll(async () => (await db.query(atLock)).rows).toHaveLength(5);
        expect((await list()).statusCode).toBe(200);
        expect(statuses).not.toContain(200);
        return { waiting };
      });
      // What has waited for too long meanwhile is told to come again.
      for (const reply of (await Promise.all(puts.waiting)).filter(({ statusCode }) => statusCode !== 200)) {
        expect([reply.statusCode, reply.headers['retry-after']]).toEqual([503, '1']);
        expect(reply.json()).toMatchObject({ code: 'database_busy', retry_after: 1 });
      }
      expect(statuses).toContain(200);
    },
  );
});
