import { type AgentInputItem, RunContext } from '@openai/agents-core';
import { assistantMessage } from '@openai/agents-core/testing';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createNewChatForUser, DatabaseSession, deleteChat, getChatById } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { numbered, userSays } from './items.ts';
import { Stage } from './stage.ts';

const call: Extract<AgentInputItem, { type: 'function_call' }> = {
  type: 'function_call',
  callId: 'call-1',
  name: 'roll',
  arguments: '{}',
  status: 'completed',
};

/** Every method that reads or changes a history, with something to do. */
const METHODS: Record<string, (session: DatabaseSession) => Promise<unknown>> = {
  getItems: (session) => session.getItems(),
  'getItems of one': (session) => session.getItems(1),
  'getItems of none': (session) => session.getItems(0),
  addItems: (session) => session.addItems(numbered(1)),
  popItem: (session) => session.popItem(),
  clearSession: (session) => session.clearSession(),
  forgetSession: (session) => session.forgetSession(),
  replaceHistoryWithCompaction: (session) => session.replaceHistoryWithCompaction(numbered(1)),
  applyHistoryMutations: (session) =>
    session.applyHistoryMutations({
      mutations: [{ type: 'replace_function_call', callId: call.callId, replacement: call }],
    }),
  'applyHistoryTransaction, appending': (session) =>
    session.applyHistoryTransaction({
      operationId: 'op',
      transaction: { type: 'append_items', items: numbered(1) },
    }),
  'applyHistoryTransaction, replacing': (session) =>
    session.applyHistoryTransaction({
      operationId: 'op',
      transaction: { type: 'replace_suffix', expectedSuffix: [], replacement: [] },
    }),
};

const CREATING = Object.keys(METHODS).filter((name) => /add|replaceHistory|Transaction/.test(name));

describe.each(DATABASES)('a session of a user on $name', ({ open }) => {
  it.each(CREATING)('%s begins the chat', async (name) => {
    const db = await open();
    const [chatId, userId] = [newId(), newUser()];
    await METHODS[name]?.(new DatabaseSession(chatId, db, { userId }));
    expect(await getChatById(db, chatId, userId)).toMatchObject({
      chatId,
      userId,
      isActive: true,
      title: null,
    });
  });

  it.each(Object.keys(METHODS).filter((name) => !CREATING.includes(name)))(
    '%s of a chat that has not begun finds nothing, and begins nothing',
    async (name) => {
      const db = await open();
      const [chatId, userId] = [newId(), newUser()];
      const found = await METHODS[name]?.(new DatabaseSession(chatId, db, { userId }));
      expect(found ?? []).toEqual([]);
      expect(await getChatById(db, chatId, userId)).toBeUndefined();
    },
  );

  it.each(Object.keys(METHODS))(
    '%s is refused on a chat of another user, which stays as it is',
    async (name) => {
      const db = await open();
      const [chatId, owner] = [newId(), newUser()];
      await new DatabaseSession(chatId, db, { userId: owner }).addItems([...numbered(2), call]);
      const before = await getChatById(db, chatId, owner);
      const attempt = METHODS[name]?.(new DatabaseSession(chatId, db, { userId: newUser() }));
      await expect(attempt).rejects.toMatchObject({ code: 'chat_not_found' });
      expect(await getChatById(db, chatId, owner)).toEqual(before);
    },
  );

  it('cannot tell a chat of another user from the answer: an empty one is refused alike', async () => {
    const db = await open();
    const chatId = await createNewChatForUser(db, newUser());
    const session = new DatabaseSession(chatId, db, { userId: newUser() });
    await expect(session.getItems()).rejects.toMatchObject({ code: 'chat_not_found' });
  });

  it('loses to the other user who begins the same chat: exactly one wins', async () => {
    const db = await open();
    for (let round = 0; round < 10; round++) {
      const chatId = newId();
      const users = [newUser(), newUser(), newUser(), newUser()];
      const added = await Promise.allSettled(
        users.map((userId) => new DatabaseSession(chatId, db, { userId }).addItems([userSays(userId)])),
      );
      const winners = users.filter((_, index) => added[index]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(await new DatabaseSession(chatId, db).getItems()).toEqual(winners.map(userSays));
      for (const result of added) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'chat_not_found' });
      }
    }
  });
});

describe.each(DATABASES)('a session without a user on $name', ({ open }) => {
  it.each(Object.keys(METHODS))('%s of an unknown chat is an error', async (name) => {
    const db = await open();
    const chatId = newId();
    const attempt = METHODS[name]?.(new DatabaseSession(chatId, db));
    await expect(attempt).rejects.toMatchObject({ name: 'QuestlogError', code: 'chat_not_found' });
    const { rows } = await db.query({ text: 'select 1 from chats where chat_id = $1', values: [chatId] });
    expect(rows).toEqual([]);
  });

  it.each(Object.keys(METHODS))('%s works on whoever’s chat it is', async (name) => {
    const db = await open();
    const chatId = await createNewChatForUser(db, newUser());
    await METHODS[name]?.(new DatabaseSession(chatId, db));
  });
});

describe.each(DATABASES)('a session whose user comes from the run on $name', ({ open }) => {
  it('keeps each user’s chat from the others', async () => {
    const db = await open();
    const [chatId, owner] = [newId(), newUser()];
    const session = new DatabaseSession<{ userId: string }>(chatId, db, {
      userId: ({ context }) => context.userId,
    });
    const outcomes = [];
    for (const userId of [owner, newUser()]) {
      const stage = new Stage(session, { userId }, false);
      await stage.run(stage.agent([[assistantMessage('hi')]]), 'hello');
      outcomes.push(...stage.outcomes);
    }
    expect(outcomes).toEqual(['says hi', expect.stringContaining('there is no chat')]);
    expect((await getChatById(db, chatId, owner))?.conversation).toHaveLength(2);
  });

  it('can edit calls for a run too, though the SDK hands it none', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser });
    const run = new RunContext();
    const mutations = [{ type: 'replace_function_call' as const, callId: call.callId, replacement: call }];
    await expect(session.applyHistoryMutations({ mutations })).rejects.toThrow('no run');
    await session.applyHistoryMutations({ mutations }, run);
  });

  it.each(Object.keys(METHODS))('%s without a run is refused, not trusted', async (name) => {
    const db = await open();
    const chatId = await createNewChatForUser(db, newUser());
    const attempt = METHODS[name]?.(new DatabaseSession(chatId, db, { userId: () => 'somebody' }));
    await expect(attempt).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ field: 'user_id' }],
      message: expect.stringContaining('give the user as text'),
    });
  });

  it('remembers nobody: after a user’s run, a call without one is refused as before', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser });
    await session.addItems(numbered(1), new RunContext());
    await expect(session.getItems()).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it.each(['', 'a\u0000', undefined, null, 7])('refuses a run that names no user: %j', async (userId) => {
    const session = new DatabaseSession(newId(), await open(), { userId: () => userId as string });
    const add = session.addItems(numbered(1), new RunContext());
    await expect(add).rejects.toMatchObject({ code: 'invalid_request', errors: [{ field: 'user_id' }] });
  });
});

describe.each(DATABASES)('a user who is not there on $name', ({ open }) => {
  it.each(['user_id', 'userID', 'owner'])(
    'a misspelt option (%s) never counts as leaving it out',
    async (name) => {
      const db = await open();
      expect(() => new DatabaseSession(newId(), db, { [name]: newUser() })).toThrow(`${name} is not known`);
    },
  );

  it.each([undefined, null, ''])('%j never counts as “trust whoever holds the id”', async (userId) => {
    const db = await open();
    const chatId = await createNewChatForUser(db, newUser());
    expect(() => new DatabaseSession(chatId, db, { userId: userId as unknown as string })).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        errors: [expect.objectContaining({ field: 'user_id' })],
      }),
    );
  });
});

describe.each(DATABASES)('a soft-deleted chat on $name', ({ open }) => {
  it('is still its user’s, and still nobody else’s', async () => {
    const db = await open();
    const [chatId, userId] = [newId(), newUser()];
    const session = new DatabaseSession(chatId, db, { userId });
    await session.addItems(numbered(1));
    await deleteChat(db, chatId, userId);
    expect(await session.getItems()).toEqual(numbered(1));
    const other = new DatabaseSession(chatId, db, { userId: newUser() });
    await expect(other.addItems(numbered(1))).rejects.toMatchObject({ code: 'chat_not_found' });
  });
});
