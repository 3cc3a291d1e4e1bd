import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { newFolder, newPGliteFolder } from './support/databases.ts';
import { startProgram } from './support/process.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

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
  import * as plugins from 'questlog/fastify';
  console.log(Object.keys(plugins).sort().join(' '));`;

describe('the package as npm would publish it', () => {
  const app = newFolder();
  const questlog = join(app, 'node_modules', 'questlog');
  let manifest: Record<'bin' | 'dependencies' | 'peerDependencies', Record<string, string>>;
  let packed: string[];

  beforeAll(() => {
    execFileSync(process.execPath, ['scripts/build-if-needed.mjs'], { cwd: ROOT });
    const report = execFileSync('npm', ['pack', '--json', '--pack-destination', app], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [tarball] = JSON.parse(report);
    packed = tarball.files.map((file: { path: string }) => file.path);
    mkdirSync(questlog, { recursive: true });
    execFileSync('tar', ['-xzf', join(app, tarball.filename), '--strip-components=1', '-C', questlog]);
    manifest = JSON.parse(readFileSync(join(questlog, 'package.json'), 'utf8'));
    // What an installation adds: what the package says that it needs, and nothing else.
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      mkdirSync(dirname(join(app, 'node_modules', name)), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name));
    }
  });

  const run = async (name: string, script: string, args: string[] = [], env: Record<string, string> = {}) => {
    writeFileSync(join(app, name), script);
    const program = startProgram(join(app, name), { cwd: app, args, env });
    const { code } = await program.exited;
    expect(code, program.output()).toBe(0);
    return program.lines();
  };

  it('holds what runs, the tables and the texts, and nothing else', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        ...['README.md', 'LICENSE', 'CHANGELOG.md', 'migrations/0001-chats.sql', 'dist/web/index.html'],
      ]),
    );
    const others = packed.filter(
      (path) => !/^(dist\/.+\.(js|d\.ts)(\.map)?|dist\/web\/.+|migrations\/.+\.sql)$/.test(path),
    );
    expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  });

  it('works as a library in plain JavaScript, with its own migrations', async () => {
    const lines = await run('library.mjs', LIBRARY, [newPGliteFolder()]);
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual([[{ role: 'user', content: 'Hi' }], ['A quest']]);
  });

  it('loads no database driver, no Fastify and nobody else when it is imported', async () => {
    writeFileSync(join(app, 'loads.mjs'), LOADS);
    const lines = await run('import.mjs', `import 'questlog';`, [], { NODE_OPTIONS: '--import ./loads.mjs' });
    const loaded = lines.map((line) => line.replace(/^loads /, ''));
    expect(loaded.filter((url) => url.includes('/node_modules/questlog/dist/')).length).toBeGreaterThan(5);
    const others = loaded.filter((url) => url.includes('/node_modules/') && !url.includes('/questlog/dist/'));
    expect(others).toEqual([]);
  });

  it('has the Fastify plugins under questlog/fastify', async () => {
    const [names] = await run('plugins.mjs', PLUGINS);
    expect(names?.split(' ')).toEqual(
      expect.arrayContaining(['chatStorageRouter', 'createAgentRouter', 'createStackAuth']),
    );
  });

  it('has a client that loads nothing but itself', async () => {
    writeFileSync(join(app, 'loads.mjs'), LOADS);
    const script = `import { QuestlogClient } from 'questlog/client'; new QuestlogClient();`;
    const lines = await run('client.mjs', script, [], { NODE_OPTIONS: '--import ./loads.mjs' });
    const loaded = lines
      .map((line) => line.replace(/^loads /, ''))
      .filter((url) => url.includes('/node_modules/'));
    expect(loaded.length).toBeGreaterThan(3);
    const own = /\/questlog\/dist\/(client\/|wire\/live-protocol\.js$)/;
    expect(loaded.filter((url) => !own.test(url))).toEqual([]);
  });

  it('starts a server with its command', async () => {
    const bin = join(questlog, manifest.bin.questlog ?? '');
    expect(readFileSync(bin, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const server = startProgram(bin, { cwd: app, env: { PORT: '0', QUESTLOG_DATA_DIR: newPGliteFolder() } });
    onTestFinished(async () => void (await server.kill()));
    const url = (await server.line(/http:\/\//)).match(/http:\/\/[^\s/]+/)?.[0];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await (await fetch(`${url}/`)).text()).toContain('<title>Questlog</title>');
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
