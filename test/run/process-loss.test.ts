import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { newId } from '../../src/ids.ts';
import { newFolder, newPGliteFolder, newUser } from '../support/databases.ts';
import { readUntil } from '../support/live.ts';
import { strictModel } from '../support/runs.ts';
import { startRunsProcess } from '../support/runs-process.ts';

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
