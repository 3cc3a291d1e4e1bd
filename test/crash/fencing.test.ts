import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { newId } from '../../src/ids.ts';
import { closedAfterTest, createPostgresDatabase, newFolder, newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { readUntil } from '../support/live.ts';
import { strictModel } from '../support/runs.ts';
import { type RunsProcess, startRunsProcess } from '../support/runs-process.ts';

async function snapshot(db: Database, chatId: string) {
  const read = async (text: string) => (await db.query({ text, values: [chatId] })).rows;
  return {
    items: await read(
      'select position, item::text, run_id, is_blocked from chat_items where chat_id = $1 order by position',
    ),
    chat: await read('select next_position, active_run, run_epoch from chats where chat_id = $1'),
    runs: await read(
      `select run_id, status, epoch, last_event, usage::text, outcome::text, error::text
        from runs where chat_id = $1 order by started_at`,
    ),
    events: await read(
      `select e.run_id, first_event, e.last_event, events::text from run_events e join runs r using (run_id)
        where chat_id = $1 order by e.run_id, first_event`,
    ),
  };
}

async function finalOutputOf(server: RunsProcess, body: object): Promise<unknown> {
  const reply = await server.ask('POST', '/chat/run', body);
  return ((await reply.json()) as { final_output?: unknown }).final_output;
}

test('a process that was paused while another took its run over changes nothing and executes nothing', async () => {
  const url = await createPostgresDatabase();
  const db = closedAfterTest(await openDatabase(url));
  await migrate(db);
  const awake = createGate();
  const { api } = await strictModel(() => ({
    text: 'one two three',
    hangAfter: 2,
    until: awake.opened,
    calls: [{ name: 'record', args: { line: 'late', ms: 1 } }],
  }));
  const file = join(newFolder(), 'executed');
  writeFileSync(file, '');
  const [chatId, userId] = [newId(), newUser()];
  const place = { url, api, file, userId, leaseMs: 1_000 };
  const [zombie, other] = await Promise.all([startRunsProcess(place), startRunsProcess(place)]);
  onTestFinished(async () => {
    await zombie.program.kill();
    await other.program.kill();
  });

  const streamed = await zombie.ask('POST', '/chat/stream', { input: 'go', session_id: chatId });
  const body = streamed.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  await readUntil(body, /"delta":"two "/);
  const partial = `select 1 from run_events where events::text like '%two %'`;
  await expect.poll(async () => (await db.query({ text: partial })).rows).not.toEqual([]);
  process.kill(zombie.program.pid, 'SIGSTOP');

  api.script = () => ({ text: 'Fine.' });
  const next = { input: 'next', session_id: chatId };
  await expect.poll(() => finalOutputOf(other, next)).toBe('Fine.');
  const before = await snapshot(db, chatId);
  expect(before.runs).toMatchObject([{ status: 'interrupted' }, { status: 'completed' }]);
  expect(JSON.stringify(before.items)).toContain('one two');

  // The rest of the answer waits for it: it wakes up in the middle of its work.
  awake.open();
  process.kill(zombie.program.pid, 'SIGCONT');
  // Its own reader has what it says now and the other process's word on how the run ended.
  await readUntil(body, /event: error\n.*"code":"run_interrupted"/);
  const runId = String(streamed.headers.get('x-run-id'));
  const state = await (await zombie.ask('GET', `/runs/${runId}`)).json();
  expect(state).toMatchObject({ status: 'interrupted' });
  expect(await snapshot(db, chatId)).toEqual(before);
  expect(readFileSync(file, 'utf8')).toBe('');
  expect(await finalOutputOf(zombie, next)).toBe('Fine.');
}, 120_000);
