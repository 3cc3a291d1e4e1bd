import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '@openai/agents-core';
import { expect, test } from 'vitest';
import { DATABASES } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { createGate } from '../support/gate.ts';
import { appOn, runsOn } from '../support/runs.ts';
import { openStream, readAll } from '../support/slow-reader.ts';
import { readEvents } from '../support/sse.ts';

type Open = (typeof DATABASES)[0]['open'];

const BEAT_MS = 2;
const BEAT = ': still here\n\n';
const beatsIn = (body: string) => body.split(BEAT).length - 1;

/** A server whose heart beats fast, with an agent that thinks so much aloud, then is silent until the gate opens. */
async function stage(open: Open, pieces: number, letters: number) {
  const db = await open();
  const gate = createGate();
  const runs = runsOn(db);
  const agent = new Agent({ name: 'A', model: floodModel(pieces, letters, gate.opened) });
  const { app, userId } = await appOn(runs, db, agent, undefined, { heartbeatMs: BEAT_MS });
  const bodies: Readable[] = [];
  app.addHook('onSend', async ({ headers }, _reply, body) => {
    bodies.push(body as Readable);
    // It goes nowhere, as when its socket is full.
    return headers['x-test-hold'] === undefined ? body : '';
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const headers = { 'x-test-user': userId };
  return {
    gate,
    app,
    bodies,
    headers,
    begin: () => openStream(`${url}/chat/stream`, { method: 'POST', body: { input: 'go' }, headers }),
    follow: (id: string) => openStream(`${url}/runs/${id}/events`, { headers }),
    result: async (id: string) => (await runs.find(userId, id)).result(),
  };
}

/** How much nobody has read of a full body, when that does not change while another reader hears twenty beats. */
async function whenStill(body: Readable, listener: Readable): Promise<number> {
  for (;;) {
    const before = body.readableLength;
    await beats(listener, 20);
    if (before >= body.readableHighWaterMark && body.readableLength === before) return before;
  }
}

/** Resolves when the heart has beaten so often for a reader who listens. */
async function beats(reader: Readable, count: number): Promise<void> {
  let heard = '';
  for await (const chunk of reader.iterator({ destroyOnReturn: false })) {
    heard += chunk;
    if (beatsIn(heard) >= count) return;
  }
  throw new Error(`the stream ended after ${beatsIn(heard)} beats`);
}

test.each(DATABASES)(
  'the stream of a silent run says again and again that it is alive, and never within an event ($name)',
  async ({ open }) => {
    const { gate, begin, follow, result } = await stage(open, 300, 2_000);
    const reader = await begin();
    const id = String(reader.headers['x-run-id']);
    const heard = readAll(reader);
    await beats(await follow(id), 20);
    gate.open();
    await result(id);
    const events = readEvents(await heard);
    expect(beatsIn(await heard)).toBeGreaterThan(20);
    expect(events.map((event) => event.id)).toEqual(events.map((_, index) => index + 1));
    const whole = await readAll(await follow(id));
    expect((await heard).replaceAll(BEAT, '')).toBe(whole.replaceAll(BEAT, ''));
  },
);

test.each(DATABASES)(
  'a heartbeat is not written to who does not read, so that a long silence fills nothing ($name)',
  async ({ open }) => {
    const { gate, bodies, begin, follow, result } = await stage(open, 800, 10_000);
    const stuck = await begin();
    const id = String(stuck.headers['x-run-id']);
    const [body] = bodies as [Readable];
    const listener = await follow(id);
    const full = await whenStill(body, listener);
    await beats(listener, 100);
    expect(body.readableLength).toBe(full);
    gate.open();
    await result(id);
    expect(readEvents(await readAll(stuck)).at(-1)).toMatchObject({ type: 'stream_complete' });
  },
);

test.each(DATABASES)(
  'a heartbeat does not cut off the end of a stream that is still unread after its run ($name)',
  async ({ open }) => {
    const { gate, app, bodies, begin, follow, headers, result } = await stage(open, 1, 100);
    const id = String((await begin()).headers['x-run-id']);
    gate.open();
    await result(id);
    await app.inject({ url: `/runs/${id}/events`, headers: { ...headers, 'x-test-hold': 'yes' } });
    const body = bodies.at(-1) as Readable;
    const whole = (await readAll(await follow(id))).replaceAll(BEAT, '');
    await expect.poll(() => body.readableLength).toBeGreaterThanOrEqual(Buffer.byteLength(whole));
    // Of the timers of one process the heart's, which is due before this one, comes before it.
    await sleep(20 * BEAT_MS);
    expect((await text(body)).replaceAll(BEAT, '')).toBe(whole);
  },
);
