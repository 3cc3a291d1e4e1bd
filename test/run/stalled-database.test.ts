import { Agent } from '@openai/agents-core';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { DATABASES, SERVER } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { createGate } from '../support/gate.ts';
import { eventsOf, runsOn, Talk } from '../support/runs.ts';

const PIECES = 6_000;
const LETTERS = 1_000;
/** What one run may keep, with the events of one answer that are on their way. */
const MAX_PIECES = 1_200;
const TIMEOUT = { timeout: 60_000 };

/** Lets no events into the database before the gate is open, and notes how large their statements are. */
function stall(
  db: Database,
  opened: Promise<void>,
): { readonly lengths: number[]; readonly perRun: number[] } {
  const { query } = db;
  const sizes = { lengths: [] as number[], perRun: [] as number[] };
  const spy = vi.spyOn(db, 'query').mockImplementation(async (statement) => {
    if (!/^append_(run_events|events_of_run)$/.test(statement.name ?? '')) return query.call(db, statement);
    const texts = [statement.values?.at(-1)].flat() as string[];
    sizes.perRun.push(...texts.map(({ length }) => length));
    sizes.lengths.push(texts.join('').length);
    await opened;
    return query.call(db, statement);
  });
  onTestFinished(() => spy.mockRestore());
  return sizes;
}

test.each(DATABASES)(
  'a model that talks while the database stalls waits for it, and then every event is there once ($name)',
  TIMEOUT,
  async ({ open }) => {
    const db = await open();
    const gate = createGate();
    const sizes = stall(db, gate.opened);
    let rests = 0;
    const model = floodModel(PIECES, LETTERS, undefined, async () => {
      rests += 1;
      await new Promise((resolve) => setImmediate(resolve));
    });
    const run = await new Talk(db, runsOn(db)).start(new Agent({ name: 'A', model }), 'go');
    const settled = async () => {
      const before = rests;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return rests === before ? rests : 0;
    };
    await expect.poll(settled, TIMEOUT).toBeGreaterThan(0);
    expect(rests * 20).toBeLessThan(MAX_PIECES);
    gate.open();
    const seen = await eventsOf(run);
    expect(seen.map(({ id }) => id)).toEqual(seen.map((_, index) => index + 1));
    expect(seen.length).toBeGreaterThan(PIECES);
    expect(seen.at(-1)?.text).toMatch(/^{"type":"stream_complete"/);
    expect(Math.max(...sizes.perRun)).toBeLessThan(300_000);
  },
);

test(
  'the events of many runs at once go in statements of about a megabyte, each run in each flush',
  TIMEOUT,
  async () => {
    const db = await SERVER.open();
    const gate = createGate();
    const sizes = stall(db, gate.opened);
    const runs = runsOn(db);
    const begun = await Promise.all(
      Array.from({ length: 12 }, () =>
        new Talk(db, runs).start(new Agent({ name: 'A', model: floodModel(600, LETTERS) }), 'go'),
      ),
    );
    gate.open();
    for (const run of begun) {
      expect((await eventsOf(run)).at(-1)?.text).toMatch(/^{"type":"stream_complete"/);
    }
    expect(Math.max(...sizes.lengths)).toBeLessThan(1_100_000);
  },
);

test('a run that is stopped while it waits for the database ends', TIMEOUT, async () => {
  const db = await SERVER.open();
  const gate = createGate();
  stall(db, gate.opened);
  const [runs, agent] = [runsOn(db), new Agent({ name: 'A', model: floodModel(PIECES, LETTERS) })];
  const talk = new Talk(db, runs);
  const run = await talk.start(agent, 'go');
  const failed = expect(run.result()).rejects.toMatchObject({ code: 'run_cancelled' });
  await runs.cancel(talk.userId, run.runId);
  gate.open();
  await failed;
});
