import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { DatabaseSession, openDatabase } from '../../src/index.ts';
import { createPostgresDatabase, newPGliteFolder, newUser } from '../support/databases.ts';
import { type Program, startProgram } from '../support/process.ts';
import { batchOf, numberOf } from './batches.ts';

const PLACES = [
  { name: 'a PGlite folder', place: async () => newPGliteFolder(), kills: 2 },
  { name: 'PostgreSQL', place: () => createPostgresDatabase(), kills: 4 },
];

describe.each(PLACES)('a process that appends to $name and is killed', ({ place, kills }) => {
  it('has stored everything that it was told is stored, in order, and no half batch', {
    timeout: 120_000,
  }, async () => {
    const url = await place();
    const userId = newUser();
    const chatIds = Array.from({ length: 8 }, newId);
    for (let kill = 0; kill < kills; kill++) {
      const program = startProgram('test/crash/append-program.ts', { args: [url, userId, ...chatIds] });
      await program.line(new RegExp(`^stored ${chatIds[0]} .*[05]$`));
      await program.kill('SIGKILL');

      const db = await openDatabase(url);
      for (const chatId of chatIds) {
        await expectWhole(new DatabaseSession(chatId, db, { userId }), acknowledgedBy(program, chatId));
      }
      await db.close();
    }
  });
});

/** How many batches of a chat the program was told are stored; undefined when it had not come to that chat. */
function acknowledgedBy(program: Program, chatId: string): number | undefined {
  const line = program.lines().findLast((printed) => printed.includes(chatId));
  return line === undefined ? undefined : Number(line.split(' ')[2]) + 1;
}

async function expectWhole(session: DatabaseSession, acknowledged: number | undefined): Promise<void> {
  const items = await session.getItems();
  const newest = items.at(-1);
  const stored = newest === undefined ? 0 : numberOf(newest) + 1;
  expect(items).toEqual(Array.from({ length: stored }, (_, batch) => batchOf(batch)).flat());
  if (acknowledged === undefined) return;
  expect(stored - acknowledged).toBeOneOf([0, 1]);
  if (acknowledged % 2 === 1) await expectRetryOnce(session, acknowledged);
}

/** Sends a transaction again of which the killed process had no answer: it is there once, whatever became of it. */
async function expectRetryOnce(session: DatabaseSession, batch: number): Promise<void> {
  const transaction = { type: 'append_items' as const, items: batchOf(batch) };
  await session.applyHistoryTransaction({ operationId: String(batch), transaction });
  expect((await session.getItems()).filter((item) => numberOf(item) === batch)).toEqual(batchOf(batch));
}
