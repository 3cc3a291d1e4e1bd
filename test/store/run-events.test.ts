import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { newId } from '../../src/ids.ts';
import { beginRunWithoutChat } from '../../src/store/runs/begin-run.ts';
import { appendRunEvents, getRunEvents } from '../../src/store/runs/run-events.ts';
import { DATABASES, newUser } from '../support/databases.ts';

/** Which a database cannot compress, and can. */
const TEXTS = {
  noise: () => JSON.stringify(randomBytes(15_000).toString('hex')),
  repetition: () => JSON.stringify('x'.repeat(30_000)),
};

test.each(
  DATABASES.flatMap(({ name, open }) =>
    Object.entries(TEXTS).map(([kind, make]) => ({ name, kind, open, make })),
  ),
)(
  'the events of a run are read in pages of bounded size, each event once ($name, $kind)',
  async ({ open, make }) => {
    const db = await open();
    const [userId, runId] = [newUser(), newId()];
    const { lease } = await beginRunWithoutChat(db, { runId, userId, agent: 'A', leaseMs: 60_000 });
    const written: string[] = [];
    for (let batch = 0; batch < 60; batch += 1) {
      const texts = Array.from({ length: 4 }, make);
      await appendRunEvents(db, [{ lease, first: written.length + 1, texts }]);
      written.push(...texts);
    }
    const read: string[] = [];
    for (;;) {
      // Also from the middle of a batch.
      const page = (await getRunEvents(db, userId, runId, read.length))?.events ?? [];
      if (page.length === 0) break;
      expect(page.reduce((size, { text }) => size + text.length, 0)).toBeLessThan(500_000);
      expect(page[0]?.id).toBe(read.length + 1);
      read.push(...page.slice(0, 5).map(({ text }) => text));
    }
    expect(read).toEqual(written);
  },
);
