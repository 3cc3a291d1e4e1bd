import { expect, it } from 'vitest';
import { createChat, DatabaseSession } from '../../src/index.ts';
import { newUser, SERVER } from '../support/databases.ts';
import { whileHeld } from '../support/lock.ts';

const said = (content: string) => ({ role: 'user' as const, content });

async function chatOfTwo() {
  const db = await SERVER.open();
  const userId = newUser();
  const { chatId } = await createChat(db, userId, { conversation: [said('a'), said('b')] });
  return { db, chatId, session: new DatabaseSession(chatId, db, { userId }) };
}

it('a pop that waited for an append takes what was appended, not what was the newest before', async () => {
  const { db, session, chatId } = await chatOfTwo();
  const popped = await whileHeld(
    db,
    (tx) => new DatabaseSession(chatId, tx).addItems([said('c')]),
    () => session.popItem(),
  );
  expect(popped).toEqual(said('c'));
  expect(await session.getItems()).toEqual([said('a'), said('b')]);
});

it('a pop that waited for another pop takes the item before', async () => {
  const { db, session, chatId } = await chatOfTwo();
  const popped = await whileHeld(
    db,
    (tx) => new DatabaseSession(chatId, tx).popItem(),
    () => session.popItem(),
  );
  expect(popped).toEqual(said('a'));
  expect(await session.getItems()).toEqual([]);
});
