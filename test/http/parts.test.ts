import { Agent } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { QuestlogError } from '../../src/errors.ts';
import {
  eventStreamHeaders,
  readLastEventId,
  toEventStream,
  toProblem,
  toProblemResponse,
} from '../../src/http/fetch.ts';
import { STATUS } from '../../src/wire/problem.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { createGate } from '../support/gate.ts';
import { readUntil } from '../support/live.ts';
import { appOn, runsOn } from '../support/runs.ts';

/** A run that thinks so many pieces of so many letters aloud, then is silent until the gate opens. */
async function stage(pieces: number, letters: number) {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  const gate = createGate();
  const runs = runsOn(db);
  const userId = newUser();
  const agent = new Agent({ name: 'A', model: floodModel(pieces, letters, gate.opened) });
  const { ask } = await appOn(runs, db, agent, userId);
  const run = await runs.start({ agent, userId, input: 'go', chatId: null });
  return { gate, runs, userId, run, ask };
}

describe('toEventStream', () => {
  test('is what the route of the run sends, from any event on', async () => {
    const { gate, run, ask } = await stage(3, 100);
    gate.open();
    await run.result();
    for (const after of [0, 2]) {
      const reply = await ask('GET', `/runs/${run.runId}/events`, undefined, { 'last-event-id': `${after}` });
      const own = new Response(toEventStream(run, { after }), { headers: eventStreamHeaders(run) });
      expect(await own.text()).toBe(reply.body);
      expect(Object.keys(eventStreamHeaders(run)).map((name) => [name, own.headers.get(name)])).toEqual(
        ['content-type', 'x-accel-buffering', 'x-run-id'].map((name) => [name, reply.headers[name]]),
      );
    }
  });

  test('reads no further than its reader, and stops when the reader leaves; the run goes on', async () => {
    const { gate, run } = await stage(400, 10_000);
    let handed = 0;
    let left: AbortSignal | undefined;
    async function* eventTexts(after: number, signal: AbortSignal) {
      left = signal;
      for await (const event of run.eventTexts(after, signal)) {
        handed += 1;
        yield event;
      }
    }
    const unread = toEventStream({ ...run, eventTexts }, { heartbeatMs: 1 });
    const reader = toEventStream(run).getReader();
    await readUntil(reader, /id: 300\n/);
    expect(handed).toBeLessThan(30);
    await Promise.all([unread.cancel(), reader.cancel()]);
    await expect.poll(() => left?.aborted).toBe(true);
    gate.open();
    expect(await run.result()).toMatchObject({ final_output: 'Done.' });
  });
});

test('readLastEventId reads the header of a Node request and of a web one', () => {
  for (const none of [undefined, null, '']) expect(readLastEventId(none)).toBe(0);
  expect(readLastEventId('27')).toBe(27);
  for (const wrong of ['-1', '1.5', 'x', '9'.repeat(16), ['1', '2']]) {
    expect(() => readLastEventId(wrong)).toThrow('Last-Event-ID must be the number of an event');
  }
});

describe('toProblem', () => {
  test('knows the status of every error, and keeps what is not ours to itself', async () => {
    for (const [code, status] of Object.entries(STATUS)) {
      const error = new QuestlogError(code as keyof typeof STATUS, 'why');
      expect(toProblem(error)).toMatchObject({ code, status, detail: 'why' });
    }
    for (const thrown of [new Error('secret'), 'secret', undefined, null, { secret: 1 }]) {
      const reply = toProblemResponse(thrown);
      const text = await reply.text();
      expect([reply.status, JSON.parse(text).code, text.includes('secret')]).toEqual([
        500,
        'internal',
        false,
      ]);
    }
  });

  test('is answered with the headers that its status asks for', () => {
    const busy = new QuestlogError('rate_limited', 'wait', { details: { retry_after: 5 } });
    expect([...toProblemResponse(busy).headers]).toEqual([
      ['cache-control', 'private, no-store'],
      ['content-type', 'application/problem+json; charset=utf-8'],
      ['retry-after', '5'],
    ]);
    const stranger = toProblemResponse(new QuestlogError('unauthenticated', 'sign in first'));
    expect(stranger.headers.get('www-authenticate')).toBe('Bearer');
  });
});
