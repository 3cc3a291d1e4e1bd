import { Agent } from '@openai/agents-core';
import { expect, test } from 'vitest';
import { DATABASES } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { createGate } from '../support/gate.ts';
import { heldBytes } from '../support/heap.ts';
import { eventOf, eventsOf, runsOn, Talk } from '../support/runs.ts';

const MB = 1_000_000;

// Whose memory is measured reads from memory: the engine does not matter.
test.each(DATABASES.slice(0, 1))(
  'a run that has had 50,000 readers holds on to none of them ($name)',
  { timeout: 120_000 },
  async ({ open }) => {
    const db = await open();
    const gate = createGate();
    const agent = new Agent({ name: 'A', model: floodModel(1, 10, gate.opened) });
    const run = await new Talk(db, runsOn(db)).start(agent, 'go');
    const readers = async (count: number) => {
      for (let reader = 0; reader < count; reader += 1) {
        await eventOf(run, () => true);
      }
    };
    await readers(1_000);
    const before = await heldBytes();
    await readers(50_000);
    // What a busy machine has not come round to letting go is let go a little later; what is held never is.
    await expect.poll(async () => (await heldBytes()) - before, { timeout: 20_000 }).toBeLessThan(MB);
    gate.open();
    expect((await eventsOf(run)).at(-1)?.text).toMatch(/^{"type":"stream_complete"/);
  },
);
