import { join } from 'node:path';
import { Agent } from '@openai/agents-core';
import { expect, onTestFinished, test } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { openDatabase } from '../../src/db/open.ts';
import { newId } from '../../src/ids.ts';
import { textOf } from '../support/agents.ts';
import {
  closedAfterTest,
  createPostgresDatabase,
  newFolder,
  newPGliteFolder,
  newUser,
} from '../support/databases.ts';
import { readUntil } from '../support/live.ts';
import { asAdmin } from '../support/postgres-server.ts';
import { eventsOf, runsOn, strictModel, Talk } from '../support/runs.ts';
import { startRunsProcess } from '../support/runs-process.ts';

test('a database that ends every connection again and again does not end a run, and nothing is lost or doubled', async () => {
  const url = await createPostgresDatabase();
  const db = closedAfterTest(await openDatabase(url, { onIdleError: () => undefined }));
  await migrate(db);
  const long = 'word '.repeat(60).trim();
  const { api, model } = await strictModel(() => ({ text: long, pace: 15 }));
  const talk = new Talk(db, runsOn(db));
  const agent = new Agent({ name: 'A', model });
  const run = await talk.start(agent, 'go');
  let over = false;
  const ended = run.result().finally(() => {
    over = true;
  });
  await asAdmin(url, async (client) => {
    while (!over) {
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  expect(await ended).toMatchObject({ final_output: long });
  expect((await talk.history()).map(textOf)).toEqual(['go', long]);
  const here = (await eventsOf(run)).map(({ text }) => text);
  const stored = (await eventsOf(await runsOn(db).find(talk.userId, run.runId))).map(({ text }) => text);
  expect(stored).toEqual(here);
  expect(api.refusals).toEqual([]);
});

test.each([
  ['PGlite', newPGliteFolder],
  ['PostgreSQL', createPostgresDatabase],
])('a run whose database the caller closes fails soon and says why (%s)', async (_name, create) => {
  const db = await openDatabase(await create());
  await migrate(db);
  const { model } = await strictModel(() => ({ text: 'one two three', pace: 200 }));
  const run = await new Talk(db, runsOn(db)).start(new Agent({ name: 'A', model }), 'go');
  const ended = run.result().catch((error: unknown) => error);
  const began = performance.now();
  await db.close();
  expect(await ended).toMatchObject({ code: 'database_closed' });
  expect(performance.now() - began).toBeLessThan(5_000);
});

test('a killed process’s run on the embedded database is interrupted at once, with what it had, and the next run works', async () => {
  const url = newPGliteFolder();
  const { api } = await strictModel(() => ({ text: 'one two three', hangAfter: 2 }));
  const [chatId, userId] = [newId(), newUser()];
  const place = { url, api, userId, file: join(newFolder(), 'executed') };
  await (async () => {
    const db = await openDatabase(url);
    await migrate(db);
    await db.close();
  })();
  const first = await startRunsProcess(place);
  const streamed = await first.ask('POST', '/chat/stream', { input: 'go', session_id: chatId });
  await readUntil(streamed.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>, /"delta":"two "/);
  const runId = String(streamed.headers.get('x-run-id'));
  await first.program.kill('SIGKILL');

  const second = await startRunsProcess(place);
  onTestFinished(() => second.program.kill().then(() => undefined));
  const state = await (await second.ask('GET', `/runs/${runId}`)).json();
  expect(state).toMatchObject({ status: 'interrupted', error: { code: 'run_interrupted' } });
  api.script = () => ({ text: 'Fine.' });
  const next = await second.ask('POST', '/chat/run', { input: 'next', session_id: chatId });
  expect(await next.json()).toMatchObject({ final_output: 'Fine.' });
  expect(api.refusals).toEqual([]);
}, 120_000);
