import type { AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createChat, DatabaseSession, getChatById, QuestlogError, updateChat } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { userSays } from './items.ts';
import { nested, oddText } from './odd-values.ts';

class Money {
  readonly cents = 5;
  toJSON() {
    return this.cents;
  }
}

const cycle: Record<string, unknown> = {};
cycle.self = cycle;

/** What JSON cannot carry, and where in it the trouble is. */
const UNSTORABLE: readonly (readonly [title: string, value: unknown, where?: string])[] = [
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['a bigint', 1n],
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['undefined in a list', [1, undefined], '[1]'],
  // biome-ignore lint/suspicious/noSparseArray: it is what must be refused.
  ['a list with a hole', [1, , 3], '[1]'],
  ['a list that says how it wants to be written', Object.assign([1], { toJSON: () => 1 })],
  ['a Date', new Date(0)],
  ['a Map', new Map()],
  ['a Set', new Set()],
  ['an Error', new Error('x')],
  ['a DataView', new DataView(new ArrayBuffer(1))],
  ['numbers that are not bytes', Float64Array.of(1)],
  ['an object of a class with toJSON', new Money()],
  ['something deep inside', { a: [{ 'b c': [Number.NaN] }] }, '.a[0].b c[0]'],
];

const item = (value: unknown) => ({ role: 'user', content: [{ x: value }] }) as unknown as AgentInputItem;

describe.each(DATABASES)('an item that $name could not give back', ({ open }) => {
  it.each(UNSTORABLE)('is refused before anything is written: %s', async (_title, value, where = '') => {
    const db = await open();
    const chatId = newId();
    const userId = newUser();
    const session = new DatabaseSession(chatId, db, { userId });
    const add = session.addItems([userSays('before'), item(value), userSays('after')]);
    await expect(add).rejects.toMatchObject({
      code: 'invalid_item',
      message: expect.stringContaining(`items[1].content[0].x${where} `),
      errors: [{ field: `items[1].content[0].x${where}` }],
    });
    expect(await getChatById(db, chatId, userId)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['a cycle', cycle],
    ['1,001 levels', nested(998)],
    ['100,000 levels', nested(100_000)],
  ])('is refused for its depth: %s', async (_title, value) => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    const add = session.addItems([userSays('before'), item(value)]);
    await expect(add).rejects.toMatchObject({
      code: 'invalid_item',
      message: expect.stringMatching(/^items\[1\]\.content\[0\]\.x\..+ deeper than 1000 levels$/),
    });
    expect(await session.getItems()).toEqual([]);
  });

  it('may be 1,000 levels deep, and no more', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    await session.addItems([nested(1_000) as AgentInputItem]);
    await expect(session.addItems([nested(1_001) as AgentInputItem])).rejects.toThrow('deeper');
    expect(await session.getItems()).toHaveLength(1);
  });

  it.each([null, undefined, 'text', 7, true, []])('is refused when it is no object: %j', async (value) => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    const add = session.addItems([userSays('before'), value as unknown as AgentInputItem]);
    await expect(add).rejects.toMatchObject({ code: 'invalid_item', errors: [{ field: 'items[1]' }] });
    expect(await session.getItems()).toEqual([]);
  });

  it('is refused when the list has a hole', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    // biome-ignore lint/suspicious/noSparseArray: this is what must not be passed over.
    const add = session.addItems([userSays('before'), , userSays('after')] as AgentInputItem[]);
    await expect(add).rejects.toMatchObject({ code: 'invalid_item', errors: [{ field: 'items[1]' }] });
    expect(await session.getItems()).toEqual([]);
  });

  it('is refused when it cannot be read, with the reason', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    const reason = new Error('not now');
    const unreadable = {
      get role() {
        throw reason;
      },
    } as unknown as AgentInputItem;
    const add = session.addItems([userSays('before'), unreadable]);
    await expect(add).rejects.toMatchObject({
      code: 'invalid_item',
      errors: [{ field: 'items[1]' }],
      cause: reason,
    });
    expect(await session.getItems()).toEqual([]);
  });

  it.each(['text', {}, null, 7])('is no list: %j', async (value) => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    const notItems = value as unknown as AgentInputItem[];
    await expect(session.addItems(notItems)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe.each(DATABASES)('a bad item on $name', ({ open }) => {
  it.each<[string, string, (session: DatabaseSession) => Promise<void>]>([
    ['a compaction', 'items[0]', (session) => session.replaceHistoryWithCompaction([item(1n)])],
    [
      'an appending transaction',
      'transaction.items[1]',
      (session) =>
        session.applyHistoryTransaction({
          operationId: 'op',
          transaction: { type: 'append_items', items: [userSays('a'), item(1n)] },
        }),
    ],
    [
      'a replacing transaction',
      'transaction.replacement[0]',
      (session) =>
        session.applyHistoryTransaction({
          operationId: 'op',
          transaction: {
            type: 'replace_suffix',
            expectedSuffix: [userSays('kept')],
            replacement: [item(1n)],
          },
        }),
    ],
  ])('is named by its path in %s, which changes nothing', async (_title, path, change) => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    await session.addItems([userSays('kept')]);
    await expect(change(session)).rejects.toMatchObject({
      code: 'invalid_item',
      errors: [{ field: `${path}.content[0].x` }],
    });
    expect(await session.getItems()).toEqual([userSays('kept')]);
  });

  it('is refused in a chat’s conversation too', async () => {
    const db = await open();
    const userId = newUser();
    const conversation = [userSays('a'), item(Number.NaN)];
    const refusal = { code: 'invalid_item', errors: [{ field: 'conversation[1].content[0].x' }] };
    await expect(createChat(db, userId, { conversation })).rejects.toMatchObject(refusal);
    const { chatId } = await createChat(db, userId, { conversation: [userSays('kept')] });
    await expect(updateChat(db, chatId, userId, { conversation })).rejects.toMatchObject(refusal);
    expect((await getChatById(db, chatId, userId))?.conversation).toEqual([userSays('kept')]);
  });
});

describe.each(DATABASES)('the size of an item on $name', ({ open }) => {
  it('is counted in bytes, of the text that is stored', async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(oddText, fc.integer({ min: -2, max: 2 }), async (text, room) => {
        const stored = Buffer.byteLength(JSON.stringify(userSays(text)));
        const maxItemBytes = stored + room;
        const session = new DatabaseSession(newId(), db, { userId: newUser(), maxItemBytes });
        const add = session.addItems([userSays(text)]);
        if (room >= 0) await add;
        else
          await expect(add).rejects.toMatchObject({
            code: 'item_too_large',
            errors: [{ field: 'items[0]' }],
          });
        expect(await session.getItems()).toHaveLength(room >= 0 ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });

  it('is limited to 10 MB if nothing else is said, and nothing of a batch is kept', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    const text = 'ä'.repeat(5_000_000);
    const add = session.addItems([userSays('before'), userSays(text), userSays('after')]);
    await expect(add).rejects.toMatchObject({ code: 'item_too_large', errors: [{ field: 'items[1]' }] });
    expect(await session.getItems()).toEqual([]);
  });

  it('counts what bytes take as base64', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser(), maxItemBytes: 1_000 });
    const image = (size: number): AgentInputItem => ({
      type: 'unknown',
      providerData: { image: new Uint8Array(size) },
    });
    await session.addItems([image(500)]);
    await expect(session.addItems([image(750)])).rejects.toMatchObject({ code: 'item_too_large' });
  });
});

describe.each(DATABASES)('an id that $name could take for another', ({ open }) => {
  it.each<[string, unknown]>([
    ['empty', ''],
    ['with a NUL', 'a\u0000b'],
    ['with a lone surrogate', 'a\ud83d'],
    ['of 256 bytes', 'ä'.repeat(128)],
    ['a number', 7],
    ['nothing', undefined],
  ])('is refused: %s', async (_title, id) => {
    const db = await open();
    const bad = id as string;
    expect(() => new DatabaseSession(bad, db)).toThrow(QuestlogError);
    if (id !== undefined) expect(() => new DatabaseSession('chat', db, { userId: bad })).toThrow('user_id');
    const session = new DatabaseSession(newId(), db, { userId: newUser() });
    const transaction = { type: 'append_items' as const, items: [userSays('never')] };
    const apply = session.applyHistoryTransaction({ operationId: bad, transaction });
    await expect(apply).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ field: 'operationId' }],
    });
    expect(await session.getItems()).toEqual([]);
  });

  it('is a whole one of 255 bytes', async () => {
    const db = await open();
    const id = () => `${newId()}${'ä'.repeat(109)}.`;
    const session = new DatabaseSession(id(), db, { userId: id() });
    await session.addItems([userSays('kept')]);
    expect(Buffer.byteLength(await session.getSessionId())).toBe(255);
    expect(await session.getItems()).toEqual([userSays('kept')]);
  });
});
