import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isMigrated } from '../../src/driver/migrate.ts';
import { migrate, openDatabase } from '../../src/index.ts';
import { examine } from '../../src/server/doctor/examine.ts';
import type { Finding } from '../../src/server/doctor/finding.ts';
import { createPostgresDatabase, newFolder, newPGliteFolder } from '../support/databases.ts';
import { closeServer, listenLocally } from '../support/local-server.ts';
import { startOidcProvider } from '../support/oidc-provider.ts';
import { startPooler } from '../support/pooler.ts';
import { asAdmin } from '../support/postgres-server.ts';
import { startProvider } from '../support/provider.ts';
import { startCli } from '../support/server.ts';

/** A process may take its time to start, and what hangs is waited for ten seconds. */
const SLOW = { timeout: 120_000 };

/** What is found of each name, with what is not ok in front of it. */
async function find(env: Record<string, string>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for await (const finding of examine(env)) {
    const { name, status } = finding;
    found[name] = [...(found[name] ?? []), `${status}: ${finding.found}`];
    expect(finding.remedy === undefined, finding.found).toBe(status === 'ok');
  }
  return found;
}

async function migratedPostgres(): Promise<string> {
  const url = await createPostgresDatabase();
  const db = await openDatabase(url);
  await migrate(db);
  await db.close();
  return url;
}

const statuses = (found: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(found).map(([name, all]) => [name, all.map((one) => one.split(':')[0])]));

test.each(['PGlite', 'PostgreSQL'])(
  'of a healthy deployment on %s nothing is to be done',
  SLOW,
  async (kind) => {
    const url = kind === 'PGlite' ? newPGliteFolder() : await migratedPostgres();
    if (kind === 'PGlite') {
      const db = await openDatabase(url);
      await migrate(db);
      await db.close();
    }
    const found = await find(kind === 'PGlite' ? { QUESTLOG_DATA_DIR: url } : { DATABASE_URL: url });
    expect(Object.keys(found).sort()).toEqual(
      [
        ...[
          'authentication',
          'bloat',
          'clock',
          'configuration',
          'connections',
          'database',
          'disk',
          'indexes',
        ],
        ...['live', 'migrations', 'model', 'node', 'pooler', 'rights'],
      ].sort(),
    );
    expect(
      Object.values(found)
        .flat()
        .filter((one) => !one.startsWith('ok: ')),
    ).toEqual([]);
  },
);

test('the command prints lines or JSON, and exits with 1 where something fails', SLOW, async () => {
  const folder = join(newFolder(), 'data');
  const run = async (env: Record<string, string>, ...options: string[]) => {
    const program = startCli(env, { args: ['doctor', ...options] });
    return { ...(await program.exited), output: program.output() };
  };
  const lines = await run({ QUESTLOG_DATA_DIR: folder });
  expect(lines.code).toBe(0);
  expect(lines.output).toMatch(
    /^warn {2}database {8}there is no database in \S+ yet\n {22}→ start the server/m,
  );
  expect(existsSync(folder)).toBe(false);

  const broken = await run({ PORT: 'x', QUESTLOG_LIVE_URL: 'foo' }, '--json');
  expect(broken.code).toBe(1);
  const { ok, checks } = JSON.parse(broken.output) as { ok: boolean; checks: Finding[] };
  expect(ok).toBe(false);
  expect(checks.filter(({ status }) => status === 'fail').map(({ found }) => found)).toEqual([
    'PORT must be a whole number from 0 to 65535',
    'QUESTLOG_LIVE_URL must be a postgres:// or nats:// URL',
  ]);
});

test('it migrates nothing, and says whether the server would', SLOW, async () => {
  const DATABASE_URL = await createPostgresDatabase();
  expect((await find({ DATABASE_URL })).migrations).toEqual([
    expect.stringMatching(/^warn: \d+ are missing: 0001/),
  ]);
  const off = await find({ DATABASE_URL, QUESTLOG_MIGRATE: 'off' });
  expect(off.migrations).toEqual([expect.stringMatching(/^fail: \d+ are missing: 0001/)]);
  const db = await openDatabase(DATABASE_URL);
  expect(await isMigrated(db)).toBe(false);
  await migrate(db);
  await db.close();
  await asAdmin(DATABASE_URL, (client) =>
    client.query(`insert into questlog_migrations (number, name) values (9000, 'later')`),
  );
  expect((await find({ DATABASE_URL })).migrations).toEqual([
    expect.stringMatching(/^fail: the database is at migration 9000/),
  ]);
});

test('it names indexes that are missing or invalid, rights that lack, and dead rows', SLOW, async () => {
  const DATABASE_URL = await migratedPostgres();
  await asAdmin(DATABASE_URL, async (client) => {
    await client.query('drop index idx_recent_chats');
    await client.query(
      `update pg_index set indisvalid = false where indexrelid = 'idx_user_chats'::regclass`,
    );
    await client.query('alter table chat_counts set (autovacuum_enabled = off)');
    await client.query(
      `insert into chat_counts (user_id, active, inactive) select 'u' || n, 1, 0 from generate_series(1, 20000) n`,
    );
    await client.query('delete from chat_counts');
  });
  await expect
    .poll(async () => (await find({ DATABASE_URL })).bloat, { timeout: 20_000 })
    .toEqual([
      expect.stringMatching(/^warn: chat_counts has 20000 dead rows \(100 %\), last vacuumed: never/),
    ]);
  expect((await find({ DATABASE_URL })).indexes).toEqual([
    'fail: idx_recent_chats is missing',
    'fail: idx_user_chats is invalid',
  ]);
  const role = `doctor_${Date.now()}`;
  await asAdmin(DATABASE_URL, async (client) => {
    await client.query(`create role ${role} login password 'S3cr3t'`);
    await client.query(`grant select on all tables in schema public to ${role}`);
  });
  onTestFinished(() =>
    asAdmin(DATABASE_URL, async (client) => {
      await client.query(`drop owned by ${role}`);
      await client.query(`drop role ${role}`);
    }),
  );
  const lesser = Object.assign(new URL(DATABASE_URL), { username: role, password: 'S3cr3t' }).href;
  expect((await find({ DATABASE_URL: lesser })).rights).toEqual([
    expect.stringMatching(/^fail: the role doctor_\d+ lacks rights: grant it .*insert.* on chats;/),
  ]);
});

test('it notices a pooler that keeps no settings, and what hears nothing through it', SLOW, async () => {
  const server = await migratedPostgres();
  const DATABASE_URL = await startPooler(server, { startupOptions: 'drops', size: 4 });
  const through = await find({ DATABASE_URL, QUESTLOG_LIVE_URL: server });
  expect([through.pooler, through.live]).toEqual([
    [expect.stringMatching(/^ok: one that keeps no settings/)],
    ['ok: changes are told through QUESTLOG_LIVE_URL'],
  ]);
  expect((await find({ DATABASE_URL })).pooler).toEqual([expect.stringMatching(/^warn: one that keeps no/)]);
});

test('a database, a model and a bus that hang are failures after some seconds', SLOW, async () => {
  const silent = createTcpServer(() => undefined).listen(0, '127.0.0.1');
  const sockets = new Set<{ destroy(): unknown }>();
  silent.on('connection', (socket) => sockets.add(socket));
  onTestFinished(() => {
    silent.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const found = await find({
    DATABASE_URL: `postgres://questlog:S3cr3t@127.0.0.1:${port}/x`,
    OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
    OPENAI_API_KEY: 'sk-S3cr3t',
  });
  expect(statuses(found)).toMatchObject({ database: ['fail'], live: ['fail'], model: ['fail'] });
  expect(JSON.stringify(found)).not.toContain('S3cr3t');
});

test.each([
  [{ status: 401, body: '{"error":"Bearer sk-S3cr3t"}' }, /^fail: \S+\/v1\/models refuses the key \(401\)$/],
  [{ status: 404 }, /^warn: \S+ answers 404 and no list of models$/],
  [{ body: '<html>' }, /^warn: \S+ answers 200 and no list of models$/],
  [{ body: '{"data":[{"id":"other"},null]}' }, /^warn: \S+ does not list mine and for-titles$/],
  [{ body: '{"data":[{"id":"mine"},{"id":"for-titles"}]}' }, /^ok: mine and for-titles at /],
])('of a model server that replies %j it says what that means', SLOW, async (reply, words) => {
  const { baseUrl } = await startProvider(reply);
  const { model } = await find({
    QUESTLOG_DATA_DIR: join(newFolder(), 'none'),
    OPENAI_BASE_URL: baseUrl,
    OPENAI_API_KEY: 'sk-S3cr3t',
    OPENAI_MODEL: 'mine',
    QUESTLOG_TITLE_MODEL: 'for-titles',
  });
  expect(model).toEqual([expect.stringMatching(words)]);
});

test('it fetches the keys of the sign-in as a request does, and compares its clock', SLOW, async () => {
  const provider = await startOidcProvider();
  const env = { QUESTLOG_DATA_DIR: join(newFolder(), 'none'), QUESTLOG_JWT_AUDIENCE: 'questlog' };
  const well = await find({ ...env, QUESTLOG_JWT_ISSUER: provider.issuer });
  expect([well.authentication, statuses(well).clock]).toEqual([
    [expect.stringMatching(/^ok: access tokens of \S+ for questlog, with 2 keys$/)],
    ['ok'],
  ]);
  provider.goDown();
  expect((await find({ ...env, QUESTLOG_JWT_ISSUER: provider.issuer })).authentication).toEqual([
    expect.stringMatching(/^fail: .*its keys cannot be fetched/),
  ]);
  const late = createServer((_request, response) => {
    response.writeHead(200, { date: new Date(Date.now() - 3_600_000).toUTCString() }).end('{"keys":[]}');
  });
  const port = await listenLocally(late);
  onTestFinished(() => closeServer(late));
  const url = `http://127.0.0.1:${port}/`;
  const found = await find({ ...env, QUESTLOG_JWT_ISSUER: url, QUESTLOG_JWT_JWKS_URL: `${url}keys` });
  expect([found.authentication, found.clock]).toEqual([
    [expect.stringMatching(/^fail: .*there are no keys at /)],
    [expect.stringMatching(/^fail: the sign-in service is 36\d\d\.\d seconds behind this process$/)],
  ]);
});

test('a folder that a server holds is said to be in use', SLOW, async () => {
  const QUESTLOG_DATA_DIR = newPGliteFolder();
  const db = await openDatabase(QUESTLOG_DATA_DIR);
  onTestFinished(() => db.close());
  expect((await find({ QUESTLOG_DATA_DIR })).database).toEqual([
    expect.stringMatching(/^warn: the data folder is in use by process \d+/),
  ]);
});
