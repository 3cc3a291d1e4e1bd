import { setImmediate } from 'node:timers/promises';
import type { AgentInputItem } from '@openai/agents-core';
import { describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { newId } from '../../src/ids.ts';
import { createChat, DatabaseSession, migrate, openDatabase, type Statement } from '../../src/index.ts';
import { userSays } from '../session/items.ts';
import { counting } from '../support/counting-database.ts';
import { closedAfterTest, createPostgresDatabase, DATABASES, newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

describe.each(DATABASES)('appends of one process to one chat, at once, on $name', ({ open, openEmpty }) => {
  it('share the statements: two for a hundred of them, in the order of their calls', async () => {
    const { db, sent } = counting(await open());
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    const items = Array.from({ length: 100 }, (_, index) => userSays(String(index)));
    sent.length = 0;
    await Promise.all(items.map((item) => new DatabaseSession(chatId, db, { userId }).addItems([item])));
    expect(sent).toHaveLength(2);
    expect(await new DatabaseSession(chatId, db).getItems()).toEqual(items);
    sent.length = 0;
    await new DatabaseSession(chatId, db, { userId }).addItems([userSays('later')]);
    expect(sent).toHaveLength(1);
  });

  it('are not all in one statement when they are large', async () => {
    const { db, sent } = counting(await open());
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    sent.length = 0;
    const items = Array.from({ length: 7 }, (_, index) => userSays(`${index}`.repeat(400_000)));
    await Promise.all(items.map((item) => new DatabaseSession(chatId, db, { userId }).addItems([item])));
    // The first alone, then two at a time.
    expect(sent).toHaveLength(4);
    expect(await new DatabaseSession(chatId, db).getItems()).toEqual(items);
  });

  it('are refused one by one: what the database refuses of one, the others do not hear of', async () => {
    const db = await openEmpty();
    await migrate(db);
    await db.exec(`alter table chat_items add constraint no_bad check (item->>'content' not like 'bad%')`);
    const [chatId, userId] = [newId(), newUser()];
    const texts = ['first', 'good', 'bad 1', 'better', 'bad 2', 'best'];
    const outcomes = await Promise.allSettled(
      texts.map((text) => new DatabaseSession(chatId, db, { userId }).addItems([userSays(text)])),
    );
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(
      texts.map((text) => !text.startsWith('bad')),
    );
    const stored = await new DatabaseSession(chatId, db).getItems();
    expect(stored).toEqual(texts.filter((text) => !text.startsWith('bad')).map(userSays));
  });

  it('are tried in halves when one of many is refused, in their order', async () => {
    const { db, sent } = counting(await openEmpty());
    await migrate(db);
    await db.exec(`alter table chat_items add constraint no_bad check (item->>'content' <> 'bad')`);
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    const texts = Array.from({ length: 65 }, (_, index) => (index === 40 ? 'bad' : `${index}`));
    sent.length = 0;
    const outcomes = await Promise.allSettled(
      texts.map((text) => new DatabaseSession(chatId, db, { userId }).addItems([userSays(text)])),
    );
    const refused = outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
    expect(refused).toEqual([40]);
    // The first, the other 64, and both halves of what was refused six times.
    expect(sent).toHaveLength(1 + 1 + 6 * 2);
    const stored = await new DatabaseSession(chatId, db).getItems();
    expect(stored).toEqual(texts.filter((text) => text !== 'bad').map(userSays));
  });

  it('of two users with names that look alike go to their own chats', async () => {
    const db = await open();
    const [a, b] = [newUser(), newId()];
    const places = [
      { userId: a, chatId: `b ${b}` },
      { userId: `${a} b`, chatId: b },
    ];
    await Promise.all(
      [0, 1, 2, 3].map((index) => {
        const { userId, chatId } = places[index % 2] as (typeof places)[0];
        return new DatabaseSession(chatId, db, { userId }).addItems([userSays(userId)]);
      }),
    );
    for (const { userId, chatId } of places) {
      const items = await new DatabaseSession(chatId, db, { userId }).getItems();
      expect(items).toEqual([userSays(userId), userSays(userId)]);
    }
  });

  it('and everything else that is asked for take effect in the order of the calls, awaited or not', async () => {
    const db = await open();
    const [chatId, userId] = [newId(), newUser()];
    const [mine, trusted] = [new DatabaseSession(chatId, db, { userId }), new DatabaseSession(chatId, db)];
    await mine.addItems([userSays('0')]);
    const add = (text: string, session = mine) => session.addItems([userSays(text)]);
    const [, , popped, , seen, , , , , left] = await Promise.all([
      add('a'),
      add('b'),
      mine.popItem(),
      add('c', trusted),
      trusted.getItems(),
      add('d'),
      mine.clearSession(),
      add('e'),
      add('f', trusted),
      mine.getItems(),
    ]);
    expect(popped).toEqual(userSays('b'));
    expect(seen).toEqual(['0', 'a', 'c'].map(userSays));
    expect(left).toEqual(['e', 'f'].map(userSays));
  });

  it('are not seen by a read that was asked for before them', async () => {
    const db = await open();
    const session = new DatabaseSession(newId(), db, { userId: newUser() });
    for (let turn = 0; turn < 50; turn++) {
      await session.clearSession();
      await session.addItems([userSays('0')]);
      const [before, , beside, popped, between, , after] = await Promise.all([
        session.getItems(),
        session.addItems([userSays('1')]),
        Promise.all([session.getItems(), session.getItems(1)]),
        session.popItem(),
        session.getItems(),
        session.clearSession(),
        session.getItems(),
      ]);
      expect([before, ...beside, popped, between, after]).toEqual([
        [userSays('0')],
        [userSays('0'), userSays('1')],
        [userSays('1')],
        userSays('1'),
        [userSays('0')],
        [],
      ]);
    }
  });

  it('wait for reads that were asked for before; reads do not wait for each other', async () => {
    const gates = [createGate(), createGate()] as const;
    const sent: string[] = [];
    const db = await open();
    const slow = new Proxy(db, {
      get(target, name) {
        if (name !== 'query') return Reflect.get(target, name, target);
        return async (statement: Statement) => {
          sent.push(statement.name ?? '');
          if (statement.name === 'get_items') await gates[sent.length <= 2 ? 0 : 1].opened;
          return target.query(statement);
        };
      },
    });
    const { chatId, userId } = await createChat(db, newUser(), { conversation: [userSays('0')] });
    const session = new DatabaseSession(chatId, new Database(slow), { userId });
    const early = [session.getItems(), session.getItems()];
    const append = session.addItems([userSays('1')]);
    const late = [session.getItems(), session.getItems()];
    await setImmediate();
    expect(sent).toEqual(['get_items', 'get_items']);
    gates[0].open();
    await append;
    await expect
      .poll(() => sent)
      .toEqual(['get_items', 'get_items', 'append_items', 'get_items', 'get_items']);
    gates[1].open();
    const [before, after] = [[userSays('0')], [userSays('0'), userSays('1')]];
    expect(await Promise.all([...early, ...late])).toEqual([before, before, after, after]);
  });

  it('to somebody else’s chat are all refused', async () => {
    const db = await open();
    const { chatId } = await createChat(db, newUser());
    const stranger = new DatabaseSession(chatId, db, { userId: newUser() });
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => stranger.addItems([userSays('mine')])));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'chat_not_found' } });
    expect(await new DatabaseSession(chatId, db).getItems()).toEqual([]);
  });
});

it('appends whose connection breaks all fail, nothing is stored twice, and the chat takes the next ones', async () => {
  const url = await createPostgresDatabase();
  const proxy = await startTcpProxy(url);
  const db = closedAfterTest(await openDatabase(proxy.url));
  await migrate(db);
  const [chatId, userId] = [newId(), newUser()];
  const session = new DatabaseSession(chatId, db, { userId });
  await session.addItems([userSays('before')]);
  const appends = Array.from({ length: 20 }, (_, index) => session.addItems([userSays(String(index))]));
  const outcomes = Promise.allSettled(appends);
  await proxy.cut();
  const failed = (await outcomes).filter(({ status }) => status === 'rejected');
  expect(failed).not.toEqual([]);
  // What was sent may have been stored; what still waited for a connection was not.
  const code = expect.stringMatching(/^(outcome_unknown|database_unavailable)$/);
  for (const outcome of failed) expect(outcome).toMatchObject({ reason: { code } });
  await proxy.mend();
  await session.addItems([userSays('after')]);
  const stored = (await session.getItems()).map(textOf);
  expect(new Set(stored).size).toBe(stored.length);
  // What was acknowledged is there; of what was not, nobody can say.
  expect(stored.length).toBeGreaterThanOrEqual(2 + appends.length - failed.length);
  expect([stored[0], stored.at(-1)]).toEqual(['before', 'after']);
});

function textOf(item: AgentInputItem): string {
  return String('content' in item && item.content);
}
