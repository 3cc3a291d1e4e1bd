import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { VERSION } from '../../src/server/version.ts';
import { newPGliteFolder } from '../support/databases.ts';
import { App, installedWith, type Packed, packAll } from '../support/packages.ts';
import { startProgram } from '../support/process.ts';

/** Prints the URL of every module that is loaded. */
const LOADS = `
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    import { writeSync } from 'node:fs';
    export function load(url, context, next) { writeSync(1, 'loads ' + url + '\\\\n'); return next(url, context); }
  \`));`;

/** Somebody's program, in plain JavaScript. */
const LIBRARY = `
  import { createChat, DatabaseSession, getUserChats, migrate, openDatabase } from 'questlog';
  const db = await openDatabase(process.argv[2]);
  await migrate(db);
  const chat = await createChat(db, 'ann', { title: 'A quest' });
  const session = new DatabaseSession(chat.chatId, db, { userId: 'ann' });
  await session.addItems([{ role: 'user', content: 'Hi' }]);
  console.log(JSON.stringify([await session.getItems(), (await getUserChats(db, 'ann')).map((one) => one.title)]));
  await db.close();`;

const PLUGINS = `
  import Fastify from 'fastify';
  import { chatStorageRouter, localUser } from 'questlog/fastify';
  const app = Fastify();
  try {
    await app.register(chatStorageRouter, { prefix: '/chats', db: { query() {}, transaction() {}, chats: {} }, authenticate: localUser });
    console.log(app.hasRoute({ method: 'POST', url: '/chats/' }) ? '/chats' : 'no route');
  } catch (error) {
    console.log(error.code, error.message);
  }`;

const HANDLERS = `
  import { createServer } from 'node:http';
  import { Agent } from '@openai/agents-core';
  import { createHandler as byFetch } from 'questlog/fetch';
  import { createHandler as byNode } from 'questlog/node';
  console.error = (line) => console.log(line);
  const db = { chats: {}, transaction: {} };
  const runs = { start() {}, follow() {} };
  const options = { db, runs, agents: [new Agent({ name: 'A' })], authenticate: () => ({ userId: 'u' }) };
  const server = createServer(byNode(options)).listen(0, '127.0.0.1', async () => {
    const url = 'http://127.0.0.1:' + server.address().port + '/chats';
    console.error = () => undefined;
    for (const reply of [await fetch(url), await byFetch(options)(new Request(url))]) {
      console.log(reply.status, (await reply.json()).detail);
    }
    server.close();
  });
`;

describe('the packages as npm would publish them', () => {
  let questlog: Packed;
  let server: Packed;
  /** Has what an installation of `questlog` brings, and nothing else. */
  let app: App;

  beforeAll(() => {
    ({ questlog, 'questlog-server': server } = packAll());
    app = new App().unpack('questlog', questlog).link(...installedWith(questlog.manifest));
  });

  const loadsOf = async (script: string): Promise<string[]> => {
    app.write('loads.mjs', LOADS);
    const lines = await app.run('import.mjs', script, [], { NODE_OPTIONS: '--import ./loads.mjs' });
    return lines.map((line) => line.replace(/^loads /, '')).filter((url) => url.includes('/node_modules/'));
  };

  it('hold what runs and the texts, without page and server in the library, and no source map', () => {
    const others = (files: readonly string[], own: RegExp) => files.filter((path) => !own.test(path)).sort();
    const library =
      /^docs\/[\w-]+\.md$|^dist\/(cjs\/)?(?!server\/|web\/|agents\/|models\/)([\w-]+\/)*[\w-]+(\.js|\.d\.ts)$/;
    const texts = ['LICENSE', 'README.md', 'package.json'];
    expect(others(questlog.files, library)).toEqual(
      ['CHANGELOG.md', ...texts, 'dist/cjs/package.json'].sort(),
    );
    expect(questlog.files).toEqual(
      expect.arrayContaining(['dist/index.js', 'dist/cjs/index.d.ts', 'docs/library.md']),
    );
    expect(others(server.files, /^dist\/(web\/.+|(server|agents|models)\/.+\.js)$/)).toEqual(
      [...texts, 'THIRD-PARTY-LICENSES'].sort(),
    );
    expect(server.files).toEqual(expect.arrayContaining(['dist/web/index.html', 'dist/server/cli.js']));
    expect([...questlog.files, ...server.files].filter((path) => path.endsWith('.map'))).toEqual([]);
  });

  it('belong together: one version, and the ranges that this repository is tested with', () => {
    const { questlog: version, ...dependencies } = server.manifest.dependencies;
    expect(new Set([version, server.manifest.version, VERSION])).toEqual(
      new Set([questlog.manifest.version]),
    );
    const { devDependencies, peerDependencies, peerDependenciesMeta = {} } = questlog.manifest;
    const required = Object.entries(peerDependencies).filter(([name]) => !(name in peerDependenciesMeta));
    const tested = Object.entries({ ...devDependencies, ...Object.fromEntries(required) });
    expect(dependencies).toEqual(Object.fromEntries(tested.filter(([name]) => name in dependencies)));
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(Object.keys(peerDependenciesMeta)));
  });

  it('import nothing that they do not declare', () => {
    for (const { manifest, files, folder } of [questlog, server]) {
      // What `init` writes is a program of somebody else's.
      const code = files.filter((path) => /(?<!^dist\/(web\/.*|server\/commands\/init))\.js$/.test(path));
      const imported = code.flatMap((path) => importedPackages(readFileSync(join(folder, path), 'utf8')));
      const declared = [...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })];
      expect([...new Set(imported)].filter((name) => !declared.includes(name))).toEqual([]);
    }
  });

  it('works as a library in plain JavaScript, with its own migrations', async () => {
    const withPGlite = new App()
      .unpack('questlog', questlog)
      .link(...installedWith(questlog.manifest), '@electric-sql/pglite');
    const lines = await withPGlite.run('library.mjs', LIBRARY, [newPGliteFolder()]);
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual([[{ role: 'user', content: 'Hi' }], ['A quest']]);
  });

  it('loads no database driver, no Fastify and nobody else when it is imported', async () => {
    const loaded = await loadsOf(`import 'questlog';`);
    expect(loaded.filter((url) => url.includes('/questlog/dist/')).length).toBeGreaterThan(5);
    expect(loaded.filter((url) => !url.includes('/questlog/dist/'))).toEqual([]);
  });

  it('has a client that loads nothing but itself', async () => {
    const loaded = await loadsOf(`import { QuestlogClient } from 'questlog/client'; new QuestlogClient();`);
    expect(loaded.length).toBeGreaterThan(3);
    const own = /\/questlog\/dist\/(client\/|wire\/live-protocol\.js$)/;
    expect(loaded.filter((url) => !own.test(url))).toEqual([]);
  });

  it('has runs that load the Agents SDK and no TypeBox', async () => {
    const names = (await loadsOf(`import 'questlog/runs';`)).map((url) => url.split('/node_modules/').at(-1));
    expect(
      names.filter((name) => /^(typebox|fastify|@fastify|jose|pg|@electric-sql)\//.test(name ?? '')),
    ).toEqual([]);
  });

  it.each([
    ['postgres://127.0.0.1/none', 'pg'],
    ['memory://', '@electric-sql/pglite'],
  ])('says of %s which package is missing, and how to install it', async (url, name) => {
    const script = `
      import { openDatabase } from 'questlog';
      await openDatabase(process.argv[2]).catch((error) => console.log(error.code, error.message));`;
    const lines = await app.run('missing.mjs', script, [url]);
    expect(lines).toEqual([`invalid_configuration ${name} is not installed: npm install ${name}`]);
  });

  it('has the Fastify plugins under questlog/fastify, which say that they need TypeBox', async () => {
    const withFastify = new App()
      .unpack('questlog', questlog)
      .link(...installedWith(questlog.manifest), 'fastify');
    const missing = 'invalid_configuration typebox is not installed: npm install typebox';
    expect(await withFastify.run('plugins.mjs', PLUGINS)).toEqual([missing]);
    expect(await withFastify.link('typebox').run('plugins.mjs', PLUGINS)).toEqual(['/chats']);
  });

  it('has handlers that say in the log and in each reply that Fastify is missing, on a host of Node too', async () => {
    const [logged = '', ...replies] = await app.run('handlers.mjs', HANDLERS);
    const missing = 'fastify is not installed: npm install fastify typebox';
    expect(logged).toContain(`questlog: the routes cannot be served: ${missing}`);
    expect(replies).toEqual([`500 ${missing}`, `500 ${missing}`]);
  });

  it('starts a server with its command', async () => {
    const { bin } = server.manifest;
    const { questlog: _, ...brought } = server.manifest.dependencies;
    const host = new App()
      .unpack('questlog', questlog)
      .unpack('questlog-server', server)
      .link(...Object.keys({ ...brought, ...questlog.manifest.dependencies }));
    const command = join(host.folder, 'node_modules/questlog-server', bin?.questlog ?? '');
    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const program = startProgram(command, {
      cwd: host.folder,
      env: { PORT: '0', QUESTLOG_DATA_DIR: newPGliteFolder() },
    });
    onTestFinished(async () => void (await program.kill()));
    const url = (await program.line(/http:\/\//)).match(/http:\/\/[^\s/]+/)?.[0];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await (await fetch(`${url}/`)).text()).toContain('<title>Questlog</title>');
    expect(await program.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});

/** The packages that code imports or requires: `@fastify/cors` of `@fastify/cors/x`. */
function importedPackages(code: string): string[] {
  const specifiers = code.matchAll(
    /(?:^import |\bfrom |\bimport\(\s*(?:\/\*.*?\*\/\s*)?|\brequire\()['"]([^'"]+)['"]/gm,
  );
  return [...specifiers]
    .map(([, specifier = '']) => specifier)
    .filter((specifier) => !/^(\.|node:)/.test(specifier))
    .map((specifier) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}
