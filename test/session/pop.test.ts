import { expect, it } from 'vitest';
import { createChat, type Database, DatabaseSession } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';

const said = (content: string) => ({ role: 'user' as const, content });
const [, postgres] = DATABASES;

async function chatOfTwo() {
  const db = (await postgres?.open()) as Database;
  const userId = newUser();
  const { chatId } = await createChat(db, userId, { conversation: [said('a'), said('b')] });
  return { db, chatId, session: new DatabaseSession(chatId, db, { userId }) };
}

/** Runs `work` while `meanwhile` holds the chat, and lets go when the work waits for it. */
async function whileHeld<Result>(
  db: Database,
  meanwhile: (session: (chatId: string) => DatabaseSession) => Promise<unknown>,
  work: () => Promise<Result>,
): Promise<Result> {
  let result: Promise<Result> | undefined;
  await db.transaction(async (tx) => {
    await meanwhile((chatId) => new DatabaseSession(chatId, tx));
    result = work();
    const waiting = {
      text: `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    };
    await expect.poll(async () => (await db.query(waiting)).rows).toHaveLength(1);
  });
  return result as Promise<Result>;
}

it('a pop that waited for an append takes what was appended, not what was the newest before', async () => {
  const { db, session, chatId } = await chatOfTwo();
  const popped = await whileHeld(
    db,
    (held) => held(chatId).addItems([said('c')]),
    () => session.popItem(),
  );
  expect(popped).toEqual(said('c'));
  expect(await session.getItems()).toEqual([said('a'), said('b')]);
});

it('a pop that waited for another pop takes the item before', async () => {
  const { db, session, chatId } = await chatOfTwo();
  const popped = await whileHeld(
    db,
    (held) => held(chatId).popItem(),
    () => session.popItem(),
  );
  expect(popped).toEqual(said('a'));
  expect(await session.getItems()).toEqual([]);
});
