import { type AgentInputItem, MemorySession, type SessionHistoryTransactionArgs } from '@openai/agents-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createChat, DatabaseSession } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { agentSays, numbered, userSays } from './items.ts';

const append = (items: unknown) => ({ operationId: 'op', transaction: { type: 'append_items', items } });
const replace = (more: object) => ({
  operationId: 'op',
  transaction: { type: 'replace_suffix', expectedSuffix: [], replacement: [userSays('new')], ...more },
});

/** An object, or a list, with a member that cannot be read. */
function unreadable(name: string, object: object = {}): object {
  const get = () => {
    throw new Error('not now');
  };
  return Object.defineProperty(object, name, { enumerable: true, get });
}

const hostile = new Proxy([], {
  get: () => {
    throw new Error('not now');
  },
});

const BAD: readonly [string, string, unknown][] = [
  ['nothing', 'args', undefined],
  ['null', 'args', null],
  ['no transaction', 'transaction', { operationId: 'op' }],
  ['a text as transaction', 'transaction', { operationId: 'op', transaction: 'append_items' }],
  ['an id that cannot be read', 'args', unreadable('operationId')],
  ['a transaction that cannot be read', 'args', unreadable('transaction', { operationId: 'op' })],
  ['no id', 'operationId', { transaction: append([]).transaction }],
  ['an unknown type', 'transaction.type', { operationId: 'op', transaction: { type: 'toString' } }],
  ['no items', 'transaction.items', append(undefined)],
  ['a text as items', 'transaction.items', append('text')],
  ['a proxy as items', 'transaction.items', append(new Proxy([userSays('a')], {}))],
  ['a proxy that throws', 'transaction.items', append(hostile)],
  [
    'a list that cannot be read',
    'transaction',
    { operationId: 'op', transaction: unreadable('items', { type: 'append_items' }) },
  ],
  [
    'an element that cannot be read',
    'transaction.items',
    append(unreadable('1', [userSays('a'), userSays('b')])),
  ],
  ['a list with a hole', 'transaction.items[1]', append([userSays('a'), ...new Array(1)])],
  ['a list of a billion holes', 'transaction.items[0]', append(new Array(1e9))],
  ['an item that cannot be read', 'transaction.items[0]', append([unreadable('role')])],
  ['an unknown field', 'transaction.reason', replace({ reason: 'none' })],
  ['the other type’s field', 'transaction.items', replace({ items: [] })],
  ['no replacement', 'transaction.replacement', replace({ replacement: undefined })],
];

describe.each(DATABASES)('a history transaction on $name', ({ open }) => {
  it.each(BAD)(
    'with %s is refused, as by the SDK’s MemorySession, and writes nothing',
    async (_, field, bad) => {
      const args = bad as SessionHistoryTransactionArgs;
      const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
      await session.addItems(numbered(2));
      await expect(session.applyHistoryTransaction(args)).rejects.toMatchObject({
        code: expect.stringMatching(/^invalid_(request|item)$/),
        errors: [{ field }],
      });
      expect(await session.getItems()).toEqual(numbered(2));
      // Its id is free for a good one.
      await session.applyHistoryTransaction(append(numbered(1, 2)) as SessionHistoryTransactionArgs);
      expect(await session.getItems()).toEqual(numbered(3));
      await expect(new MemorySession().applyHistoryTransaction(args)).rejects.toThrow();
    },
  );

  it('takes ten thousand items', { timeout: 60_000 }, async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    await session.applyHistoryTransaction(append(numbered(10_000)) as SessionHistoryTransactionArgs);
    expect(await session.getItems()).toHaveLength(10_000);
  });

  it('replaces what the SDK has seen: what a guardrail blocked stays where it is', {
    timeout: 60_000,
  }, async () => {
    const db = await open();
    const anyHistory = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(anyHistory, fc.nat(6), fc.nat(2), async (blocked, length, count) => {
        const userId = newUser();
        const { chatId } = await createChat(db, userId, { conversation: numbered(blocked.length) });
        const text =
          'update chat_items set is_blocked = true where chat_id = $1 and position = any($2::bigint[])';
        const positions = blocked.flatMap((isBlocked, position) => (isBlocked ? [position] : []));
        await db.query({ text, values: [chatId, positions] });

        const session = new DatabaseSession(chatId, db, { userId });
        const memory = new MemorySession({ initialItems: await session.getItems() });
        const expectedSuffix = length === 0 ? [] : (await session.getItems()).slice(-length);
        const replacement = numbered(count, 100);
        const args = replace({ expectedSuffix, replacement }) as SessionHistoryTransactionArgs;
        await Promise.all([session, memory].map((one) => one.applyHistoryTransaction(args)));

        expect(await session.getItems()).toEqual(await memory.getItems());
        const { rows } = await db.query({
          text: 'select position::int as position, item from chat_items where chat_id = $1 and is_blocked order by position',
          values: [chatId],
        });
        expect(rows).toEqual(positions.map((position) => ({ position, item: userSays(String(position)) })));
      }),
      { numRuns: 40 },
    );
  });

  it('knows a plain message of the assistant in both of its forms', async () => {
    const db = await open();
    const plain = { role: 'assistant', content: 'yes' } as unknown as AgentInputItem;
    for (const expected of [plain, agentSays('yes')]) {
      const userId = newUser();
      const { chatId } = await createChat(db, userId, { conversation: [userSays('really?'), plain] });
      const session = new DatabaseSession(chatId, db, { userId });
      const args = replace({ expectedSuffix: [expected] }) as SessionHistoryTransactionArgs;
      await session.applyHistoryTransaction(args);
      expect(await session.getItems()).toEqual([userSays('really?'), userSays('new')]);
    }
  });
});
