/**
 * Appends numbered batches to some chats at once until it is killed: `append-program.ts <database> <user> <chat>…`.
 * Prints `stored <chat> <n>` when batch n of a chat is acknowledged. Every second batch is a history transaction, so
 * that a kill can hit between its statements.
 */
import { DatabaseSession, migrate, openDatabase } from '../../src/index.ts';
import { batchOf, numberOf } from './batches.ts';

const [url = '', userId = '', ...chatIds] = process.argv.slice(2);
const db = await openDatabase(url);
await migrate(db);
await Promise.all(chatIds.map(append));

async function append(chatId: string): Promise<void> {
  const session = new DatabaseSession(chatId, db, { userId });
  const newest = (await session.getItems(1))[0];
  for (let batch = newest === undefined ? 0 : numberOf(newest) + 1; ; batch++) {
    const items = batchOf(batch);
    if (batch % 2 === 0) await session.addItems(items);
    else {
      const transaction = { type: 'append_items' as const, items };
      await session.applyHistoryTransaction({ operationId: String(batch), transaction });
    }
    process.stdout.write(`stored ${chatId} ${batch}\n`);
  }
}
