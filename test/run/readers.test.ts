import { getEventListeners } from 'node:events';
import { Agent } from '@openai/agents-core';
import { expect, test } from 'vitest';
import type { Run } from '../../src/run/types.ts';
import { DATABASES } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { createGate } from '../support/gate.ts';
import { countHeld, countInstances } from '../support/heap.ts';
import { eventsOf, runsOn, Talk } from '../support/runs.ts';

const READERS = 50_000;

/** Reads all there is and leaves while it waits for more. */
async function readAndAbort(run: Run): Promise<WeakRef<object>> {
  const leaving = new AbortController();
  const events = run.eventTexts(0, leaving.signal);
  for await (const { text } of events) {
    // By then it has asked for what comes after the model's only piece.
    if (text.includes('"delta"')) queueMicrotask(() => leaving.abort());
  }
  return new WeakRef(events);
}

/** Leaves after the first event, though its signal stays. */
async function readAndReturn(run: Run, staying: AbortSignal): Promise<WeakRef<object>> {
  const events = run.eventTexts(0, staying);
  for await (const _ of events) break;
  return new WeakRef(events);
}

// Whose memory is counted reads from memory: the engine does not matter.
test.each(DATABASES.slice(0, 1))(
  'a run that has had 50,000 readers holds on to none of them ($name)',
  { timeout: 120_000 },
  async ({ open }) => {
    const db = await open();
    const gate = createGate();
    const agent = new Agent({ name: 'A', model: floodModel(1, 10, gate.opened) });
    const run = await new Talk(db, runsOn(db)).start(agent, 'go');
    const staying = new AbortController().signal;
    const readers: WeakRef<object>[] = [];
    const before = await countInstances(AbortController);
    while (readers.length < READERS) {
      readers.push(await readAndAbort(run), await readAndReturn(run, staying));
    }
    expect(getEventListeners(staying, 'abort')).toHaveLength(0);
    expect(await countHeld(readers)).toBe(0);
    // The rest of the process has some: one for every hundredth reader would be too many.
    expect((await countInstances(AbortController)) - before).toBeLessThan(READERS / 100);
    gate.open();
    expect((await eventsOf(run)).at(-1)?.text).toMatch(/^{"type":"stream_complete"/);
  },
);
