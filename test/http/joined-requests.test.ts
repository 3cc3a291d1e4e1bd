import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '@openai/agents-core';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { OpenReplies } from '../../src/http/replies/open-replies.ts';
import { newId } from '../../src/ids.ts';
import { counting } from '../support/counting-database.ts';
import { closedAfterTest, createPostgresDatabase, newUser } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { createGate } from '../support/gate.ts';
import { appOn, runsOn } from '../support/runs.ts';

const JOINED = 300;

/** A run of another process, as far as the database can tell, and who joins it here. */
async function joinElsewhere() {
  const url = await createPostgresDatabase();
  const elsewhere = closedAfterTest(await openDatabase(url));
  await migrate(elsewhere);
  const { db, sent } = counting(closedAfterTest(await openDatabase(url)));
  const gate = createGate();
  const agent = new Agent({ name: 'A', model: floodModel(1, 10, gate.opened) });
  const [userId, idempotencyKey, input] = [newUser(), newId(), 'go'];
  const run = await runsOn(elsewhere).start({ agent, userId, input, idempotencyKey });
  const replies = new OpenReplies({ maxPerUser: 3 * JOINED });
  const { app } = await appOn(runsOn(db), db, agent, userId, { replies });
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const post = (path: string, signal: AbortSignal) =>
    fetch(base + path, {
      method: 'POST',
      headers: {
        'x-test-user': userId,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify({ input }),
      signal,
    });
  return { run, gate, sent, post };
}

/** How many statements go out in five intervals of polling. */
async function countStatements(sent: readonly string[]): Promise<number> {
  const before = sent.length;
  await sleep(1_000);
  return sent.length - before;
}

test('300 requests that wait for one run of another process ask the database as often as one, and not when they have left', {
  timeout: 120_000,
}, async () => {
  const { gate, sent, post, run } = await joinElsewhere();
  const leaving = new AbortController();
  const join = () =>
    Array.from({ length: JOINED }, (_, index) =>
      post(index % 3 === 0 ? '/chat/stream' : '/chat/run', leaving.signal).then((reply) => reply.text()),
    );
  const outcomes = Promise.allSettled(join());
  const joined = () => sent.filter((text) => text.includes('from idempotency_keys')).length;
  await expect.poll(joined, { timeout: 60_000 }).toBe(JOINED);
  // Those who wait for the result, and those who wait for events.
  await expect.poll(() => countStatements(sent), { timeout: 30_000 }).toBeLessThanOrEqual(2 * 6);
  expect(await countStatements(sent)).toBeGreaterThan(0);
  // Some leave before they are heard.
  const hasty = Promise.allSettled(join());
  await expect.poll(joined, { timeout: 60_000, interval: 1 }).toBeGreaterThan(JOINED);
  leaving.abort();
  for (const { status } of [...(await outcomes), ...(await hasty)]) expect(status).toBe('rejected');
  await expect.poll(() => countStatements(sent), { timeout: 60_000 }).toBe(0);

  const staying = new AbortController().signal;
  const [result, events] = [post('/chat/run', staying), post('/chat/stream', staying)];
  gate.open();
  expect(await (await result).json()).toMatchObject({ success: true, run_id: run.runId });
  expect(await (await events).text()).toMatch(/event: stream_complete\n.*\n\n$/);
});
