import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { DatabaseSession, openDatabase } from '../../src/index.ts';
import { createPostgresDatabase, newPGliteFolder, newUser } from '../support/databases.ts';
import { startProgram } from '../support/process.ts';
import { batchOf, numberOf } from './batches.ts';

const PLACES = [
  { name: 'a PGlite folder', place: async () => newPGliteFolder() },
  { name: 'PostgreSQL', place: () => createPostgresDatabase() },
];

/** How many batches are acknowledged before each kill. */
const KILLS = [20, 41];

describe.each(PLACES)('a process that appends to $name and is killed', ({ place }) => {
  it('has stored everything that it was told is stored, in order, and no half batch', async () => {
    const url = await place();
    const [chatId, userId] = [newId(), newUser()];
    let known = 0;
    for (const count of KILLS) {
      const program = startProgram('test/session/append-program.ts', { args: [url, chatId, userId] });
      await program.line(new RegExp(`^stored ${known + count}$`));
      await program.kill('SIGKILL');
      const acknowledged = Number(program.lines().at(-1)?.split(' ')[1]) + 1;

      const db = await openDatabase(url);
      const session = new DatabaseSession(chatId, db, { userId });
      const items = await session.getItems();
      const stored = items.length === 0 ? 0 : numberOf(items.at(-1) as (typeof items)[number]) + 1;
      expect(items).toEqual(Array.from({ length: stored }, (_, batch) => batchOf(batch)).flat());
      expect(stored - acknowledged).toBeOneOf([0, 1]);
      known = await retried(session, acknowledged, stored);
      await db.close();
    }
  });
});

/** Sends the batch again of which the killed process had no answer: it is there once, whatever had become of it. */
async function retried(session: DatabaseSession, batch: number, stored: number): Promise<number> {
  // Even batches are plain appends, which cannot be told from a second one.
  if (batch % 2 === 0) return stored;
  const transaction = { type: 'append_items' as const, items: batchOf(batch) };
  await session.applyHistoryTransaction({ operationId: String(batch), transaction });
  expect((await session.getItems()).filter((item) => numberOf(item) === batch)).toEqual(batchOf(batch));
  return batch + 1;
}
