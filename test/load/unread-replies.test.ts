import { randomBytes } from 'node:crypto';
import { Agent } from '@openai/agents-core';
import { expect, test } from 'vitest';
import { migrate, openDatabase } from '../../src/index.ts';
import { Runs } from '../../src/run/runs.ts';
import { createPostgresDatabase, newFolder } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { startCliServer } from '../support/server.ts';
import { openStream } from '../support/slow-reader.ts';

const READERS = 30;
const MEGABYTES = 9;
/** Thirty replies of nine megabytes do not fit. */
const HEAP = { NODE_OPTIONS: '--max-old-space-size=160', QUESTLOG_REPLIES_LIMIT: '200' };

/** Asks again and again, a few at once, and reads nothing. */
async function leaveUnread(url: string): Promise<void> {
  for (let begun = 0; begun < READERS; begun += 5) {
    const replies = await Promise.all(Array.from({ length: 5 }, () => openStream(url)));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200]);
  }
}

const databases = [
  ['PGlite', async () => ({ QUESTLOG_DATA_DIR: newFolder() })],
  ['PostgreSQL', async () => ({ DATABASE_URL: await createPostgresDatabase() })],
] as const;

test.each(databases)(
  'a server outlives replies of a long chat that nobody reads, and serves others meanwhile (%s)',
  async (_name, create) => {
    const { program, url, ask } = await startCliServer({ ...HEAP, ...(await create()) });
    const content = () => randomBytes(500_000).toString('hex');
    const conversation = Array.from({ length: MEGABYTES }, () => ({ role: 'user', content: content() }));
    const { chat_id: id } = (await (await ask('POST', '/chats', { conversation })).json()) as {
      chat_id: string;
    };
    const unread = await Promise.all(Array.from({ length: READERS }, () => openStream(`${url}/chats/${id}`)));
    expect(new Set(unread.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    expect((await ask('GET', '/chats?limit=20')).status).toBe(200);
    expect((await ask('POST', '/chat/run', { input: 'Hello', session_id: null })).status).toBe(200);
    expect(await (await ask('GET', `/chats/${id}`)).json()).toMatchObject({ conversation });
    expect(program.output()).not.toContain('heap');
  },
  300_000,
);

test('a server outlives event streams of a long run that nobody reads, and serves others meanwhile', async () => {
  const database = await createPostgresDatabase();
  const db = await openDatabase(database);
  await migrate(db);
  const runs = new Runs({ db });
  const agent = new Agent({ name: 'A', model: floodModel(MEGABYTES * 100, 10_000) });
  const run = await runs.start({ agent, userId: 'local', chatId: null, input: 'go' });
  await run.result();
  await runs.close(10_000);
  await db.close();
  const { url, ask } = await startCliServer({ ...HEAP, DATABASE_URL: database });
  const path = `/runs/${run.runId}/events`;
  await leaveUnread(url + path);
  expect((await ask('GET', '/chats?limit=20')).status).toBe(200);
  const events = await (await ask('GET', path)).text();
  expect(events.length).toBeGreaterThan(MEGABYTES * 1_000_000);
  expect(events).toMatch(/event: stream_complete\ndata: .*\n\n$/);
}, 300_000);
