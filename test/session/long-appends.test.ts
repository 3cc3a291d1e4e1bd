import type { AgentInputItem } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { migrate } from '../../src/driver/migrate.ts';
import { newId } from '../../src/ids.ts';
import { DatabaseSession } from '../../src/session/database-session.ts';
import { getChatById, updateChat } from '../../src/store/chats/chats.ts';
import { createChat } from '../../src/store/chats/create-chat.ts';
import { DATABASES, newUser } from '../support/databases.ts';

const COUNT = 5_500;
const said = (content: string): AgentInputItem => ({ role: 'user', content });
const many = (what: string) => Array.from({ length: COUNT }, (_, index) => said(`${what} ${index}`));
const TIMEOUT = { timeout: 120_000 };

/** How often the process got to something else while it worked. */
async function countTurns(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = () => {
    if (isOver) return;
    turns += 1;
    setTimeout(count, 0);
  };
  setTimeout(count, 0);
  await work().finally(() => {
    isOver = true;
  });
  return turns;
}

describe.each(DATABASES)('a history that is written at once and long ($name)', ({ open, openEmpty }) => {
  test('lets the process do other things meanwhile, and is whole and in order', TIMEOUT, async () => {
    const db = await open();
    const [userId, chatId] = [newUser(), newId()];
    const session = new DatabaseSession(chatId, db, { userId });
    const writes = [
      () => session.addItems(many('added')),
      () => session.replaceHistoryWithCompaction(many('compacted')),
      () => updateChat(db, chatId, userId, { conversation: many('put') }),
    ];
    for (const [index, what] of ['added', 'compacted', 'put'].entries()) {
      expect(await countTurns(writes[index] as () => Promise<unknown>)).toBeGreaterThanOrEqual(5);
      expect(await session.getItems()).toEqual(many(what));
    }
    let created = '';
    const create = async () => {
      created = (await createChat(db, userId, { title: 'long', conversation: many('created') })).chatId;
    };
    expect(await countTurns(create)).toBeGreaterThanOrEqual(5);
    expect(await getChatById(db, created, userId)).toMatchObject({
      title: 'long',
      conversation: many('created'),
    });
    const appends = [
      session.addItems([said('before')]),
      session.addItems(many('x')),
      session.addItems([said('after')]),
    ];
    await Promise.all(appends);
    expect(await session.getItems()).toEqual([...many('put'), said('before'), ...many('x'), said('after')]);
    expect((await getChatById(db, chatId, userId))?.conversation).toHaveLength(2 * COUNT + 2);
  });

  test(
    'is not stored in part when its last item is refused, nor in a chat of somebody else',
    TIMEOUT,
    async () => {
      const db = await openEmpty();
      await migrate(db);
      await db.exec(`alter table chat_items add constraint no_bad check (item->>'content' <> 'bad')`);
      const [userId, chatId] = [newUser(), newId()];
      const session = new DatabaseSession(chatId, db, { userId });
      await expect(session.addItems([...many('x'), said('bad')])).rejects.toMatchObject({
        code: 'database_failed',
      });
      expect(await session.getItems()).toEqual([]);
      await session.addItems([said('mine')]);
      const stranger = new DatabaseSession(chatId, db, { userId: newUser() });
      await expect(stranger.addItems(many('x'))).rejects.toMatchObject({ code: 'chat_not_found' });
      expect(await session.getItems()).toEqual([said('mine')]);
    },
  );
});
