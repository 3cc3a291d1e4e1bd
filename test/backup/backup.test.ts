import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type Database,
  DatabaseSession,
  migrate,
  openDatabase,
  readUserData,
  searchChats,
} from '../../src/index.ts';
import { closedAfterTest, newFolder } from '../support/databases.ts';
import { readUntil } from '../support/live.ts';
import { TestSocket } from '../support/live-socket.ts';
import { freePort } from '../support/local-server.ts';
import { asAdmin } from '../support/postgres-server.ts';
import { startRunsProcess } from '../support/runs-process.ts';
import { startCliServer } from '../support/server.ts';
import { startStrictOpenAi } from '../support/strict/strict-openai.ts';
import { commandsOf, findTools, Operator } from './page.ts';

const USER = 'local';
const PICTURE = `data:image/png;base64,${Buffer.from('a picture').toString('base64')}`;
const MINUTES = 300_000;

/** Chats with what is hard to keep: a picture, NUL, an archive; also found by the search. */
async function fill(db: Database): Promise<void> {
  await migrate(db);
  for (const chatId of ['one', 'two']) {
    const session = new DatabaseSession(chatId, db, { userId: USER });
    await session.addItems([
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'A griffin \0' },
          { type: 'input_image', image: PICTURE },
        ],
      },
      { role: 'user', content: 'more' },
    ]);
    await session.replaceHistoryWithCompaction((await session.getItems()).slice(0, 1));
  }
  await searchChats(db, USER, { query: 'griffin' });
}

/** All that is read of a user, but for runs, whose leases move. */
async function readAll(db: Database): Promise<string[]> {
  const lines: string[] = [];
  for await (const text of readUserData(db, USER)) lines.push(...text.trimEnd().split('\n'));
  return lines.filter((line) => !line.startsWith('{"table":"runs"'));
}

/** A run that has said something, and goes on for as long as the test does. */
async function beginRun(url: string) {
  const api = await startStrictOpenAi(() => ({ text: 'one two three', hangAfter: 2 }));
  onTestFinished(() => api.close());
  const place = { url, api, file: join(newFolder(), 'executed'), userId: USER, leaseMs: 2_000 };
  writeFileSync(place.file, '');
  const start = async (at: string) => {
    const server = await startRunsProcess({ ...place, url: at });
    onTestFinished(() => server.program.kill().then(() => undefined));
    return server;
  };
  const server = await start(url);
  const reply = await server.ask('POST', '/chat/stream', { input: 'go', session_id: 'running' });
  const body = reply.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  await readUntil(body, /"delta":"two "/);
  return { runId: reply.headers.get('x-run-id'), start };
}

/** The restored database reads the same, its run is taken over, and clients with a later cursor go on. */
async function expectWhole(
  url: string,
  before: readonly string[],
  { runId, start }: Awaited<ReturnType<typeof beginRun>>,
  cursor: string,
): Promise<void> {
  const db = closedAfterTest(await openDatabase(url));
  expect(await readAll(db)).toEqual(before);
  const { results } = await searchChats(db, USER, { query: 'griffin' });
  expect(new Set(results.map(({ chatId }) => chatId))).toEqual(new Set(['one', 'two']));
  const server = await start(url);
  const readRun = async () => (await server.ask('GET', `/runs/${runId}`)).json();
  await expect.poll(readRun).toMatchObject({ status: 'interrupted' });
  const page = await startCliServer({ DATABASE_URL: url });
  const socket = await new TestSocket(page.url, { since: cursor }).ready();
  const reply = await page.ask('POST', '/chats', { title: 'after' });
  const { chat_id } = (await reply.json()) as { chat_id: string };
  await socket.message('chat_created', (signal) => signal.chat_id === chat_id);
}

/** What somebody writes after the backup, and the cursor of the client that saw it. */
async function writeLater(url: string): Promise<string> {
  const server = await startCliServer({ DATABASE_URL: url });
  const first = await new TestSocket(server.url).ready();
  const reply = await server.ask('POST', '/chats', { title: 'lost' });
  const { chat_id } = (await reply.json()) as { chat_id: string };
  await first.message('chat_created', (signal) => signal.chat_id === chat_id);
  const { cursor } = await (await new TestSocket(server.url).ready()).message('ready');
  await server.program.kill('SIGTERM');
  return cursor;
}

const bin = findTools();
const why = 'no pg_dump and pg_basebackup: set PG_BIN';

test(
  'a dump and a base backup are restored as the page says: all reads the same and goes on',
  async (context) => {
    if (bin === undefined) return context.skip(why);
    const operator = new Operator(bin);
    const archive = operator.makeFolder('wal');
    const server = await operator.startServer(archive);
    const url = `${server}/questlog`;
    await asAdmin(`${server}/postgres`, (client) => client.query('create database questlog'));
    const db = closedAfterTest(await openDatabase(url));
    await fill(db);
    const run = await beginRun(url);
    const before = await readAll(db);
    expect(before.length).toBeGreaterThan(8);

    const [dump, , restore] = commandsOf('A dump') as [string, string, string];
    const env = {
      DATABASE_URL: url,
      ADMIN_URL: `${server}/postgres`,
      RESTORED_URL: `${server}/questlog_restored`,
    };
    operator.run(dump, env);
    const [baseBackup, recover] = commandsOf('Any moment') as [string, string];
    const places = { ARCHIVE: archive, BACKUP: operator.path('base'), RESTORED: operator.path('restored') };
    operator.run(baseBackup, { REPLICATION_URL: `${server}/postgres`, ...places });
    const kept = new DatabaseSession('one', db, { userId: USER });
    await kept.addItems([{ role: 'user', content: 'after the base backup' }]);
    const later = await readAll(db);
    const { rows } = await db.query({ text: `select clock_timestamp()::text as moment` });
    const cursor = await writeLater(url);
    const switched = await db.query({ text: 'select pg_walfile_name(pg_switch_wal()) as wal' });
    const archived = {
      text: 'select from pg_stat_archiver where last_archived_wal >= $1',
      values: [switched.rows[0]?.wal],
    };
    await expect.poll(async () => (await db.query(archived)).rows).toHaveLength(1);

    operator.run(restore, env);
    await expectWhole(env.RESTORED_URL, before, run, cursor);

    const { port } = new URL(server);
    const restoredPort = String(await freePort());
    operator.run(recover, { ...places, MOMENT: String(rows[0]?.moment), PORT: restoredPort });
    operator.stopAfterTest('restored');
    await expectWhole(url.replace(port, restoredPort), later, run, cursor);
  },
  MINUTES,
);

test(
  'one schema is restored with the rights of a role that may only read and write rows',
  async (context) => {
    if (bin === undefined) return context.skip(why);
    const operator = new Operator(bin);
    const server = await operator.startServer(operator.makeFolder('wal'));
    const url = `${server}/questlog`;
    await asAdmin(`${server}/postgres`, (client) => client.query('create database questlog'));
    const owner = closedAfterTest(await openDatabase(url, { schema: 'questlog' }));
    await fill(owner);
    await owner.exec(`create role questlog_app login; grant usage on schema questlog to questlog_app;
    grant select, insert, update, delete on all tables in schema questlog to questlog_app;
    create table public.of_the_application (id int)`);
    const before = await readAll(owner);
    const [, dump, restore] = commandsOf('A dump') as [string, string, string];
    const env = {
      DATABASE_URL: url,
      ADMIN_URL: `${server}/postgres`,
      RESTORED_URL: `${server}/questlog_restored`,
    };
    operator.run(dump, env);
    operator.run(restore, env);
    const DATABASE_URL = env.RESTORED_URL.replace('questlog@', 'questlog_app@');
    const app = closedAfterTest(await openDatabase(DATABASE_URL, { schema: 'questlog' }));
    expect(await readAll(app)).toEqual(before);
    const started = await startCliServer({
      DATABASE_URL,
      QUESTLOG_SCHEMA: 'questlog',
      QUESTLOG_MIGRATE: 'off',
    });
    expect((await started.ask('POST', '/chats', { title: 'after' })).status).toBe(201);
  },
  MINUTES,
);

test(
  'the folder of the embedded database is packed and unpacked',
  async () => {
    const operator = new Operator('/usr/bin');
    const db = await openDatabase(operator.path('data'));
    await fill(db);
    const before = await readAll(db);
    await db.close();
    const [pack, unpack] = commandsOf('The embedded database') as [string, string];
    const places = { QUESTLOG_DATA_DIR: operator.path('data'), RESTORED: operator.path('restored') };
    execFileSync('bash', ['--norc', '-euc', pack + unpack], {
      cwd: operator.folder,
      env: { PATH: '/usr/bin:/bin', ...places },
    });
    const restored = closedAfterTest(await openDatabase(operator.path('restored')));
    expect(await readAll(restored)).toEqual(before);
    expect(await migrate(restored)).toEqual([]);
  },
  MINUTES,
);
