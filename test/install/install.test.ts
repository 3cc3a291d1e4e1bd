import { beforeAll, describe, expect, it } from 'vitest';
import { createPostgresDatabase, newPGliteFolder } from '../support/databases.ts';
import { type Packed, packAll } from '../support/packages.ts';
import { binOf, Folder } from './npm.ts';

/** What the SDK's own tests have instead of a model: a turn with a call, and one that ends. */
const TALK = `
  import { Agent, run, tool } from '@openai/agents';
  import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents/testing';
  import { z } from 'zod';
  import { DatabaseSession, migrate, openDatabase, runDurably } from 'questlog';
  import { Runs } from 'questlog/runs';

  const db = await openDatabase(process.env.URL);
  await migrate(db);
  const erase = tool({ name: 'erase', description: 'Erases', parameters: z.object({}), needsApproval: true, execute: () => 'gone' });
  const model = new ScriptedModel([
    [assistantMessage('One.')],
    [assistantMessage('Two.')],
    [functionCall('erase', {}, { callId: 'c1' })],
    [assistantMessage('Erased.')],
  ]);
  const agent = new Agent({ name: 'Guide', model, tools: [erase] });
  const session = new DatabaseSession('chat', db, { userId: 'ann' });
  const one = await run(agent, 'first', { session });
  const two = await runDurably(agent, 'second', { db, userId: 'ann', chatId: 'chat' });
  const runs = new Runs({ db });
  const begun = await runs.start({ agent, userId: 'ann', chatId: 'chat', input: 'third' });
  const paused = await begun.result();
  const decided = await runs.decide('ann', begun.runId, [{ call_id: 'c1', approve: true }]);
  const three = await decided.result();
  await runs.close(0);
  console.log([one.finalOutput, two.finalOutput, paused.type, three.final_output, (await session.getItems()).length].join(' '));
  await db.close();`;
/** A script, on a database of its own. */
const on = async (script: string) =>
  script.replace('process.env.URL', JSON.stringify(await createPostgresDatabase()));
const TALKED = 'One. Two. approval_required Erased. 8';

const START = `
  import { spawn } from 'node:child_process';
  const env = { ...process.env, PORT: '0', QUESTLOG_DATA_DIR: FOLDER };
  const server = spawn('node_modules/.bin/questlog', { env, timeout: 50_000, stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const chunk of server.stdout) {
    const url = String(chunk).match(/http:[^\\s]+:[0-9]+/)?.[0];
    if (url === undefined) continue;
    console.log((await fetch(url + '/health')).status);
    server.kill();
    break;
  }`;

const SDK = ['@openai/agents', 'zod'];

/** The warning of `openai`, which the Agents SDK brings and which names Node 22. */
const ENGINE_WARNING = /^npm warn EBADENGINE/;

describe('npm', { timeout: 300_000 }, () => {
  let questlog: Packed;
  let server: Packed;

  beforeAll(() => {
    ({ questlog, 'questlog-server': server } = packAll());
  });

  it('adds at most 20 packages and 6 MB for a session', () => {
    const sdk = new Folder();
    sdk.install(...SDK);
    const app = new Folder();
    app.install(questlog.tarball, 'pg', ...SDK);
    expect(app.packages().length - sdk.packages().length).toBeLessThanOrEqual(20);
    expect(app.size() - sdk.size()).toBeLessThanOrEqual(6_000_000);
    const names = app.packages().map((path) => path.split('/node_modules/').at(-1));
    expect(names.filter((name) => /fastify|nats|pglite|typebox/.test(name ?? ''))).toEqual([]);
  });

  describe.each([20, 22, 24])('on Node %i', (major) => {
    // Every line is in docs/install.md: “What an install prints”.
    const packagesWarnedOf = (lines: readonly string[]) => {
      expect(lines.filter((line) => !ENGINE_WARNING.test(line))).toEqual([]);
      return lines.flatMap((line) => line.match(/package: '(.+)@/)?.[1] ?? []);
    };

    it('prints what docs/install.md says, and what is installed works', async () => {
      const app = new Folder(binOf(major));
      const warned = packagesWarnedOf(app.install(questlog.tarball, 'pg', ...SDK));
      expect(warned).toEqual(major < 22 ? ['openai'] : []);
      expect(app.run('talk.mjs', await on(TALK))).toBe(TALKED);
    });

    it('installs the server, which starts with its command', () => {
      const host = new Folder(binOf(major));
      const warned = packagesWarnedOf(host.install(questlog.tarball, server.tarball));
      expect(warned).toEqual(major < 22 ? ['openai', 'cookie'] : []);
      expect(host.run('start.mjs', START.replace('FOLDER', JSON.stringify(newPGliteFolder())))).toBe('200');
    });
  });
});

describe('the Agents SDK', { timeout: 300_000 }, () => {
  let questlog: Packed;

  beforeAll(() => {
    questlog = packAll().questlog;
  });

  it.each(['0.20.0', '0.20'])('%s, an end of the range, is installed once and works', async (version) => {
    const app = new Folder();
    app.install(questlog.tarball, 'pg', `@openai/agents@${version}`, 'zod');
    expect(app.packages().filter((path) => path.endsWith('/@openai/agents-core'))).toHaveLength(1);
    expect(app.run('talk.mjs', await on(TALK))).toBe(TALKED);
  });

  it('of another version beside it is noticed, and the sentence says what to do', async () => {
    const app = new Folder();
    app.install(questlog.tarball, 'pg', '@openai/agents@0.18', 'zod');
    const script = `
      import { Agent } from '@openai/agents';
      import { openDatabase, runDurably } from 'questlog';
      const db = await openDatabase(process.env.URL);
      const agent = new Agent({ name: 'Guide', instructions: 'You help.' });
      await runDurably(agent, 'Hi', { db, userId: 'ann', chatId: 'chat' }).catch((error) => console.log(error.code, error.message));
      await db.close();`;
    const said = app.run('two.mjs', await on(script));
    expect(said).toMatch(
      /^invalid_configuration the agent is of another copy of @openai\/agents-core than Questlog has/,
    );
    expect(said).toContain('npm install @openai/agents@0.20');
  });
});
