import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createPostgresDatabase } from '../support/databases.ts';
import { startCli, startCliServer, temporaryFolder } from '../support/server.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 120_000 };

const UNREACHABLE = 'postgres://questlog:S3cr3t@127.0.0.1:9/x';

/** What a start that fails prints on each stream, and how it ends. */
async function failedStart(env: Record<string, string>) {
  const program = startCli(env);
  const exit = await program.exited;
  return { exit, stdout: program.lines(), output: program.output() };
}

test(
  'it says where it listens and what it uses, keeps data over a restart, and holds its folder alone',
  SLOW,
  async () => {
    const QUESTLOG_DATA_DIR = `${await temporaryFolder()}/data`;
    const server = await startCliServer({ QUESTLOG_DATA_DIR });
    expect(server.program.lines()).toEqual([
      `creating the database in ${QUESTLOG_DATA_DIR}, which takes some seconds`,
      `Questlog listens on ${server.url} (API at ${server.url}/docs)`,
      `  database        embedded PostgreSQL (PGlite) in ${QUESTLOG_DATA_DIR}`,
      '  authentication  none: one local user, reachable from this machine only (set STACK_PROJECT_ID or QUESTLOG_JWT_ISSUER)',
      '  agents          Dungeon Master (/agents/dungeon-master)',
      '  model           the offline model (set OPENAI_API_KEY for a real one)',
    ]);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
    expect((await server.ask('GET', '/ready')).status).toBe(200);
    const said = { input: 'My name is Robin. I seek the lost crown', session_id: 'quest' };
    expect((await server.ask('POST', '/chat/run', said)).status).toBe(200);

    const second = await failedStart({ QUESTLOG_DATA_DIR });
    expect(second).toMatchObject({ exit: { code: 1 }, stdout: [] });
    expect(second.output).toMatch(/^questlog: the data folder is in use by process \d+ .*\n$/);
    expect(second.output).toContain(QUESTLOG_DATA_DIR);
    expect(await server.program.kill('SIGTERM')).toEqual({ code: 0, signal: null });

    const again = await startCliServer({ QUESTLOG_DATA_DIR });
    expect(again.program.lines()[0]).toMatch(/^Questlog listens on /);
    const asked = { input: 'What did we discuss earlier?', session_id: 'quest' };
    const answer = await (await again.ask('POST', '/chat/run', asked)).text();
    expect(answer).toContain('I seek the lost crown');
    expect(await again.program.kill('SIGINT')).toEqual({ code: 0, signal: null });
  },
);

test('its standard error is a log of JSON lines with nothing else in it', SLOW, async () => {
  const DATABASE_URL = await createPostgresDatabase();
  const server = await startCliServer({ LOG_LEVEL: 'trace', DATABASE_URL });
  const replies = [
    await server.ask('POST', '/chat/run', { input: 'mArKeD' }),
    await server.ask('POST', '/chat/stream', { input: 'Roll mArKeD 3d6' }),
    await server.ask('GET', '/chats?mArKeD=1'),
  ];
  for (const reply of replies) await reply.text();
  await server.program.kill('SIGTERM');
  const stdout = server.program.lines();
  const log = server.program
    .output()
    .split('\n')
    .filter((line) => line !== '' && !stdout.includes(line));
  const lines = log.map((line) => JSON.parse(line));
  expect(lines.filter(({ msg }) => msg === 'request')).toHaveLength(3);
  expect(lines.filter(({ msg }) => msg === 'run completed')).toHaveLength(2);
  expect(lines[0]).toMatchObject({ level: expect.any(String), time: expect.stringMatching(/^\d{4}-.*Z$/) });
  expect(log.join('\n')).not.toContain('mArKeD');
});

test(
  'a port in use, or an address of another machine, is one clear line, before a database is opened',
  SLOW,
  async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const DATABASE_URL = UNREACHABLE;
    const inUse = await failedStart({ PORT: String(port), DATABASE_URL });
    taken.close();
    expect(inUse).toEqual({
      exit: { code: 2, signal: null },
      stdout: [],
      output: `questlog: port ${port} on 127.0.0.1 is in use: set PORT to another one\n`,
    });
    const elsewhere = await failedStart({ HOST: '192.0.2.1', STACK_PROJECT_ID: 'p', DATABASE_URL });
    expect(elsewhere).toEqual({
      exit: { code: 2, signal: null },
      stdout: [],
      output: 'questlog: cannot listen on 192.0.2.1:0 (EADDRNOTAVAIL)\n',
    });
  },
);

test.each([
  [
    { PORT: 'eighty', HOST: '0.0.0.0' },
    /HOST is 0\.0\.0\.0, but without STACK_PROJECT_ID .*; PORT must be /,
    2,
  ],
  [{ DATABASE_URL: UNREACHABLE }, /the database cannot be opened: .*ECONNREFUSED/, 1],
  [{ QUESTLOG_DATA_DIR: '/dev/null/data' }, /the data folder \/dev\/null\/data cannot be opened/, 1],
  [
    { QUESTLOG_DATA_DIR: '/proc/data/of/ours' },
    /the data folder \/proc\/data\/of\/ours cannot be opened: /,
    1,
  ],
])('%j is one clear line, %s, and exit code %i', SLOW, async (env, line, code) => {
  const { exit, output } = await failedStart(env);
  expect(exit).toEqual({ code, signal: null });
  expect(output).toMatch(/^(creating the database in [^\n]+\n)?questlog: [^\n]+\n$/);
  expect(output).toMatch(line);
  expect(output).not.toMatch(/S3cr3t|\bat \S+:\d+/);
});
