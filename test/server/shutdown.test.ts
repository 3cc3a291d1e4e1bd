import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { readConfig } from '../../src/server/config.ts';
import { STOP_TIMEOUT_MS } from '../../src/server/requests/closing.ts';
import { startOpenAiStub } from '../models/openai-stub.ts';
import { closedAfterTest, createPostgresDatabase } from '../support/databases.ts';
import { readUntil } from '../support/live.ts';
import { type CliServer, startCliServer, temporaryFolder } from '../support/server.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 120_000 };

const DATABASES = [
  ['PGlite', async () => ({ QUESTLOG_DATA_DIR: await temporaryFolder() })],
  ['PostgreSQL', async () => ({ DATABASE_URL: await createPostgresDatabase() })],
] as const;

interface BusyServer extends CliServer {
  /** Its environment, to start it again with a model that answers. */
  readonly env: Record<string, string>;
  readonly answer: () => void;
  readonly run: Promise<Response>;
  readonly stream: ReadableStreamDefaultReader<Uint8Array>;
}

/** A server with a run that somebody waits for and one that somebody reads, on a model that never answers. */
async function startBusy(database: Record<string, string>): Promise<BusyServer> {
  const openai = await startOpenAiStub();
  openai.state.behaviour = 'hang';
  onTestFinished(() => openai.close());
  const env = { ...database, OPENAI_BASE_URL: openai.baseUrl, OPENAI_API_KEY: 'sk-test' };
  const server = await startCliServer(env);
  const run = server.ask('POST', '/chat/run', { input: 'one', session_id: 'run' });
  // Of a server that is killed.
  run.catch(() => undefined);
  const { body } = await server.ask('POST', '/chat/stream', { input: 'two', session_id: 'stream' });
  const stream = body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  await readUntil(stream, /questlog/);
  await expect.poll(() => openai.seen.length).toBe(2);
  const answer = () => {
    openai.state.behaviour = 'answer';
  };
  return { ...server, env, answer, run, stream };
}

test(
  'SIGTERM interrupts what does not end, tells its clients, and ends the process within five seconds',
  SLOW,
  async () => {
    const server = await startBusy({ DATABASE_URL: await createPostgresDatabase() });
    const ended = server.program.kill('SIGTERM');
    const events = await readUntil(server.stream, /event: error\ndata: .*\n\n/);
    expect(events).toContain('"code":"run_interrupted"');
    const reply = await server.run;
    expect([reply.status, await reply.json()]).toMatchObject([
      503,
      { code: 'run_interrupted', session_id: 'run' },
    ]);
    // Not 1: it was over before the process's own clock, which the next test stops it by.
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(readConfig({}).shutdownMs + STOP_TIMEOUT_MS).toBeLessThan(5_000);
    expect(server.program.output().match(/"code":"run_interrupted"/g)).not.toBeNull();
  },
);

test('SIGTERM ends the process in time also when its database does not let it go', SLOW, async () => {
  const url = await createPostgresDatabase();
  const server = await startBusy({ DATABASE_URL: url, QUESTLOG_SHUTDOWN: '0' });
  const db = closedAfterTest(await openDatabase(url));
  await db.transaction(async (tx) => {
    await tx.query({ text: 'lock table chats, runs in exclusive mode' });
    expect(await server.program.kill('SIGTERM')).toEqual({ code: 1, signal: null });
  });
});

test('a second signal ends the process at once', SLOW, async () => {
  // The first one waits for the runs longer than this test.
  const env = { DATABASE_URL: await createPostgresDatabase(), QUESTLOG_SHUTDOWN: '3600' };
  const server = await startBusy(env);
  process.kill(server.program.pid, 'SIGINT');
  const refused = { input: [{ role: 'nobody' }] };
  const status = async () => (await server.ask('POST', '/chat/run', refused)).status;
  // The first signal has arrived when runs are refused for another reason than their input.
  await expect.poll(status).toBe(503);
  const ready = await server.ask('GET', '/ready');
  expect(await ready.json()).toMatchObject({ status: 503, code: 'shutting_down' });
  expect(ready.headers.get('content-type')).toContain('application/problem+json');
  expect(await server.program.kill('SIGINT')).toEqual({ code: 1, signal: null });
  // It did not even end the runs.
  await expect(readUntil(server.stream, /event: error/)).rejects.toThrow('terminated');
});

test('a client that has left is not waited for, and its request has a line in the log', SLOW, async () => {
  // A request that is still counted is waited for longer than this test.
  const env = { DATABASE_URL: await createPostgresDatabase(), QUESTLOG_SHUTDOWN: '3600' };
  const server = await startCliServer(env);
  const leaving = new AbortController();
  const said = { input: 'Roll 3d6', session_id: 'left' };
  const reply = await server.ask('POST', '/chat/stream', said, leaving.signal);
  leaving.abort();
  const run = async () =>
    (await server.ask('GET', `/runs/${reply.headers.get('x-run-id')}`)).json() as Promise<{ status: string }>;
  await expect.poll(async () => (await run()).status).toBe('completed');
  await expect.poll(() => server.program.output()).toMatch(/"aborted":true,"msg":"request"/);
  expect(await server.program.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});

test.each(DATABASES)(
  'a process killed in the middle of a run has kept what was said, and the next one goes on (%s)',
  SLOW,
  async (_name, create) => {
    const server = await startBusy(await create());
    expect(await server.program.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    server.answer();
    const again = await startCliServer(server.env);
    for (const [id, said] of [
      ['run', 'one'],
      ['stream', 'two'],
    ]) {
      const next = { input: 'and now?', session_id: id };
      const answer = async () => (await again.ask('POST', '/chat/run', next)).json();
      // On a server the dead process's lease has to run out; the embedded database cannot be anybody else's.
      const done = { success: true, final_output: 'Well met, hero!' };
      await expect.poll(answer, { interval: 250 }).toMatchObject(done);
      const chat = await (await again.ask('GET', `/chats/${id}`)).json();
      expect(chat).toMatchObject({
        title: said,
        conversation: [{ content: said }, { content: 'and now?' }, { role: 'assistant' }],
      });
    }
  },
);

test('two servers that start at once on one empty database both come up and share it', SLOW, async () => {
  const DATABASE_URL = await createPostgresDatabase();
  const [one, two] = await Promise.all([startCliServer({ DATABASE_URL }), startCliServer({ DATABASE_URL })]);
  expect(one.url).not.toBe(two.url);
  await one.ask('POST', '/chat/run', { input: 'I seek the crown', session_id: 'quest' });
  const asked = { input: 'What did we discuss?', session_id: 'quest' };
  expect(await (await two.ask('POST', '/chat/run', asked)).text()).toContain('I seek the crown');
  const host = new URL(DATABASE_URL).host;
  for (const { program } of [one, two]) {
    expect(program.lines()[1]).toMatch(`  database        PostgreSQL at ${host}/`);
    expect(program.output()).not.toContain(new URL(DATABASE_URL).password);
  }
});

test(
  'SIGTERM lets a change that waits for the database be answered before connections are cut',
  SLOW,
  async () => {
    const url = await createPostgresDatabase();
    const server = await startCliServer({ DATABASE_URL: url, QUESTLOG_SHUTDOWN: '20' });
    const created = await server.ask('POST', '/chats', { title: 'before' });
    const path = String(created.headers.get('location'));
    const db = closedAfterTest(await openDatabase(url));
    const { changed, ended } = await db.transaction(async (tx) => {
      await tx.query({ text: 'select 1 from chats for update' });
      const changing = server.ask('PUT', path, { title: 'after' });
      const waits = {
        text: "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      };
      await expect.poll(async () => (await db.query(waits)).rows).toHaveLength(1);
      const ending = server.program.kill('SIGTERM');
      // It takes no more work, and is still there for what it has.
      await expect.poll(async () => (await server.ask('GET', '/chats')).status).toBe(503);
      return { changed: changing, ended: ending };
    });
    const reply = await changed;
    expect([reply.status, await reply.json()]).toMatchObject([200, { title: 'after' }]);
    expect(await ended).toEqual({ code: 0, signal: null });
  },
);
