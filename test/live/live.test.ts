import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import { newId } from '../../src/ids.ts';
import { createChat, DatabaseSession, deleteChat, hardDeleteChat, updateChat } from '../../src/index.ts';
import { deleteOldRemovals } from '../../src/store/chats/changed-chats.ts';
import { encodeItems } from '../../src/store/items/item-json.ts';
import { beginRun } from '../../src/store/runs/begin-run.ts';
import { appendRunEvents } from '../../src/store/runs/run-events.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { liveOn, NEVER_MS, Watcher, watchPolls } from '../support/watching.ts';

/** A run that has begun and is executed by nobody. */
async function beginRunOn(db: Database, userId: string) {
  const log = { runId: newId(), chatId: newId() };
  const run = {
    ...log,
    userId,
    agent: 'Test',
    leaseMs: 60_000,
    input: encodeItems([said('a')]),
    title: undefined,
  };
  const begun = await beginRun(db, run);
  if (begun === undefined) throw new Error('the run did not begin');
  return { begun, log };
}

const said = (text: string) => ({ role: 'user' as const, content: text });

describe.each(DATABASES)('whoever watches chats on $name', ({ open }) => {
  test('is told at once of what sessions do, with the positions that changed', async () => {
    const db = await open();
    const userId = newUser();
    const watcher = await Watcher.of(await liveOn(db, { pollMs: NEVER_MS }), userId);
    const { chatId } = await createChat(db, userId);
    await watcher.signal('chat_created');
    const session = new DatabaseSession(chatId, db, { userId });
    await session.addItems([said('a'), said('b')]);
    expect(await watcher.signal('items_appended')).toMatchObject({ first: 0, last: 1 });
    await session.addItems([said('c')]);
    expect(await watcher.signal('items_appended', ({ last }) => last === 2)).toMatchObject({ first: 2 });
    await session.popItem();
    expect(await watcher.signal('items_replaced')).toMatchObject({ first: 2, last: 1 });
    await session.clearSession();
    expect(await watcher.signal('items_replaced', ({ last }) => last === null)).toMatchObject({ first: 0 });
  });

  test('is told of an alternative that is selected, also where nothing stands', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: [said('a'), said('b')] });
    const session = new DatabaseSession(chatId, db, { userId });
    await session.setAside(1);
    const watcher = await Watcher.of(await liveOn(db, { pollMs: NEVER_MS }), userId);
    await session.selectAlternative(1);
    const { first, last } = await watcher.signal('items_replaced', (signal) => signal.last !== 0);
    expect(first).toBeLessThanOrEqual(1);
    expect(last).toBeGreaterThan(1);
  });

  test('is told what a transaction changed when it is committed, and nothing of one that is not', async () => {
    const db = await open();
    const userId = newUser();
    const watcher = await Watcher.of(await liveOn(db, { pollMs: NEVER_MS }), userId);
    const given = db.transaction(async (tx) => {
      await createChat(tx, userId, { title: 'given up' });
      throw new Error('given up');
    });
    await expect(given).rejects.toThrow('given up');
    const { chatId } = await db.transaction((tx) => createChat(tx, userId));
    await watcher.signal('chat_created');
    expect(watcher.signals).toMatchObject([{ type: 'chat_created', chat_id: chatId }]);
  });

  test('is told of SQL by hand at the next poll', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: [said('a'), said('b'), said('c')] });
    const watcher = await Watcher.of(await liveOn(db, { pollMs: 50 }), userId);
    await query(db, { text: `update chats set title = 'by hand' where chat_id = $1`, values: [chatId] });
    await watcher.signal('chat_changed');
    await query(db, { text: 'delete from chat_items where chat_id = $1 and position = 1', values: [chatId] });
    expect(await watcher.signal('items_replaced')).toMatchObject({ first: 1, last: 2 });
    await query(db, { text: 'delete from chats where chat_id = $1', values: [chatId] });
    expect(await watcher.signal('chat_deleted')).toMatchObject({ chat_id: chatId, permanent: true });
  });

  test('hears of no other user', async () => {
    const db = await open();
    const [mine, theirs] = [newUser(), newUser()];
    const live = await liveOn(db, { pollMs: 50 });
    const watcher = await Watcher.of(live, mine);
    const other = await Watcher.of(live, theirs);
    const { chatId } = await createChat(db, theirs, { conversation: [said('secret')] });
    await hardDeleteChat(db, chatId, theirs);
    await other.signal('chat_deleted');
    const own = await createChat(db, mine);
    await watcher.signal('chat_created');
    expect(watcher.signals).toMatchObject([{ chat_id: own.chatId }]);
    expect(other.typesOf(own.chatId)).toEqual([]);
  });

  test('gets what it missed when it comes back, and nothing that it has', async () => {
    const db = await open();
    const userId = newUser();
    const live = await liveOn(db, { pollMs: NEVER_MS });
    const chats = { kept: '', talked: '', hidden: '', gone: '' };
    for (const name of Object.keys(chats) as (keyof typeof chats)[]) {
      chats[name] = (await createChat(db, userId, { title: name, conversation: [said('a')] })).chatId;
    }
    // Older than a look goes back, by the database's clock.
    await query(db, { text: 'select pg_sleep(2.1)' });
    const watcher = await Watcher.of(live, userId);
    watcher.end();
    await new DatabaseSession(chats.talked, db, { userId }).addItems([said('b'), said('c')]);
    await deleteChat(db, chats.hidden, userId);
    await hardDeleteChat(db, chats.gone, userId);
    const made = await createChat(db, userId, { conversation: [said('d')] });

    const back = await Watcher.of(live, userId, watcher.cursor);
    expect(back.typesOf(chats.kept)).toEqual([]);
    expect(back.typesOf(chats.talked)).toEqual(['chat_changed', 'items_appended']);
    expect(await back.signal('items_appended')).toMatchObject({ first: 1, last: 2 });
    expect(back.typesOf(chats.hidden)).toEqual(['chat_deleted']);
    expect(back.typesOf(chats.gone)).toEqual(['chat_deleted']);
    expect(back.typesOf(made.chatId)).toEqual(['chat_created', 'items_appended']);
    expect(back.signals.map(({ type }) => type)).not.toContain('resync');
  });

  test.each([
    ['is not one', 'yesterday'],
    ['is from long ago', '1700000000000000'],
    ['is ahead', String((Date.now() + 3_600_000) * 1_000)],
  ])('whose cursor %s is told to fetch everything', async (_why, since) => {
    const live = await liveOn(await open());
    const watcher = await Watcher.of(live, newUser(), since);
    expect(watcher.signals).toEqual([{ type: 'resync', cursor: watcher.cursor }]);
  });

  test('who missed more than can be told is told to fetch everything', async () => {
    const db = await open();
    const userId = newUser();
    const live = await liveOn(db, { pollMs: NEVER_MS });
    const watcher = await Watcher.of(live, userId);
    watcher.end();
    await query(db, {
      text: `insert into chats (chat_id, user_id) select gen_random_uuid(), $1 from generate_series(1, 600)`,
      values: [userId],
    });
    const back = await Watcher.of(live, userId, watcher.cursor);
    expect(back.signals.map(({ type }) => type)).toEqual(['resync']);
  });

  test('hears once of a change that was told and looked for', async () => {
    const db = await open();
    const userId = newUser();
    const watcher = await Watcher.of(await liveOn(db, { pollMs: 20 }), userId);
    const polls = watchPolls(db);
    const { chatId } = await createChat(db, userId);
    for (let round = 0; round < 10; round += 1) {
      await updateChat(db, chatId, userId, { title: `round ${round}` });
      await polls.next();
    }
    const { version } = (await updateChat(db, chatId, userId, { title: 'last' })) ?? {};
    await watcher.signal('chat_changed', (signal) => signal.version === version);
    const versions = watcher.signals.map((signal) => ('version' in signal ? signal.version : ''));
    expect(new Set(versions).size).toBe(versions.length);
  });

  test('hears how far a run is, of many events at once only the last', async () => {
    const db = await open();
    const userId = newUser();
    const watcher = await Watcher.of(await liveOn(db, { pollMs: NEVER_MS }), userId);
    const { begun, log } = await beginRunOn(db, userId);
    await watcher.signal('run_started');
    await appendRunEvents(db, [{ lease: begun.lease, first: 1, texts: ['{}', '{}'] }]);
    const progress = await watcher.signal('run_progressed');
    expect(progress).toMatchObject({ run_id: log.runId, chat_id: log.chatId, last_event: 2 });
    for (let lastEvent = 3; lastEvent <= 9; lastEvent += 1)
      db.changes.notify({ userId, run: { ...log, lastEvent } });
    await watcher.signal('run_progressed', ({ last_event }) => last_event === 9);
    expect(watcher.signals.filter(({ type }) => type === 'run_progressed')).toHaveLength(2);
  });

  test('of a chat that was removed long ago hears nothing, and it is forgotten', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    await hardDeleteChat(db, chatId, userId);
    const left = () =>
      query(db, { text: 'select 1 from removed_chats where user_id = $1', values: [userId] });
    await deleteOldRemovals(db, 60_000);
    expect(await left()).toHaveLength(1);
    await query(db, {
      text: 'update removed_chats set removed_at = $2 where user_id = $1',
      values: [userId, new Date(Date.now() - 120_000)],
    });
    await deleteOldRemovals(db, 60_000);
    expect(await left()).toHaveLength(0);
  });
});
