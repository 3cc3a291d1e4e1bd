import type { SessionHistoryTransactionArgs } from '@openai/agents-core';
import Fastify from 'fastify';
import pg from 'pg';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { chatStorageRouter } from '../../src/http/index.ts';
import { newId } from '../../src/ids.ts';
import { DatabaseSession, getChatCount } from '../../src/index.ts';
import { asUser, byHeader } from '../support/app.ts';
import { closedAfterTest, createPostgresDatabase, newUser } from '../support/databases.ts';
import { startPostgresProxy } from '../support/postgres-proxy.ts';
import { userSays } from './items.ts';

let postgres = '';
beforeAll(async () => {
  postgres = await createPostgresDatabase();
  const db = await openDatabase(postgres);
  await migrate(db);
  await db.close();
});

/** A session of a chat with one item, whose connection breaks once: after the server has done this. */
async function stage(statement: string) {
  const proxy = await startPostgresProxy(postgres);
  const [db, whole] = await Promise.all(
    [proxy.url, postgres].map(async (url) =>
      closedAfterTest(await openDatabase(url, { onIdleError: () => undefined })),
    ),
  );
  const [chatId, userId] = [newId(), newUser()];
  const stored = new DatabaseSession(chatId, whole as Database, { userId });
  await stored.addItems([userSays('before')]);
  let breaks = 0;
  proxy.breakAt = (asked) => {
    if (asked !== statement || breaks > 0) return undefined;
    breaks += 1;
    return 'after';
  };
  return {
    db: db as Database,
    session: new DatabaseSession(chatId, db as Database, { userId }),
    stored,
    chatId,
    userId,
    proxyUrl: proxy.url,
  };
}

const UNKNOWN = { code: 'outcome_unknown' };

test('an append whose answer is lost is not sent again by itself', async () => {
  const { session, stored } = await stage('append_items');
  await expect(session.addItems([userSays('once')])).rejects.toMatchObject(UNKNOWN);
  await session.addItems([userSays('after')]);
  expect(await stored.getItems()).toEqual([userSays('before'), userSays('once'), userSays('after')]);
});

test('appends that shared the statement all learn that nobody knows', async () => {
  const { session, stored } = await stage('append_items');
  const appends = [0, 1, 2, 3].map((n) => session.addItems([userSays(String(n))]));
  const [first, ...others] = await Promise.allSettled(appends);
  expect(first).toMatchObject({ reason: UNKNOWN });
  for (const other of others) expect(other).toMatchObject({ status: 'fulfilled' });
  expect(await stored.getItems()).toEqual(['before', '0', '1', '2', '3'].map(userSays));
});

test('an append with an operation id may be sent again: it is there once', async () => {
  const { session, stored } = await stage('commit');
  const append: SessionHistoryTransactionArgs = {
    operationId: newId(),
    transaction: { type: 'append_items', items: [userSays('once')] },
  };
  await expect(session.applyHistoryTransaction(append)).rejects.toMatchObject(UNKNOWN);
  await session.applyHistoryTransaction(append);
  expect(await stored.getItems()).toEqual([userSays('before'), userSays('once')]);
});

test("an append on a pool of the caller's says so, too; one that was not sent is not in doubt", async () => {
  const { proxyUrl, stored, chatId, userId } = await stage('append_items');
  const pool = new pg.Pool({ connectionString: proxyUrl });
  pool.on('error', () => undefined);
  onTestFinished(() => pool.end());
  const session = new DatabaseSession(chatId, pool, { userId });
  await expect(session.addItems([userSays('once')])).rejects.toMatchObject(UNKNOWN);
  expect(await stored.getItems()).toEqual([userSays('before'), userSays('once')]);
  const nowhere = new pg.Pool({ connectionString: 'postgres://user:pw@127.0.0.1:1/none' });
  onTestFinished(() => nowhere.end());
  const lost = new DatabaseSession(chatId, nowhere, { userId }).addItems([userSays('never')]);
  await expect(lost).rejects.toMatchObject({ code: 'database_unavailable' });
});

test('a request whose answer is lost is answered without an invitation to repeat it', async () => {
  const { db, userId } = await stage('create_chat');
  const app = Fastify();
  onTestFinished(() => app.close());
  await app.register(chatStorageRouter, { prefix: '/chats', db, authenticate: byHeader });
  const reply = await asUser(app, userId)('POST', '/chats', {});
  expect(reply.statusCode).toBe(503);
  expect(reply.json()).toMatchObject(UNKNOWN);
  expect(reply.headers['retry-after']).toBeUndefined();
  expect(await getChatCount(db, userId)).toBe(2);
});
