import { deepStrictEqual } from 'node:assert/strict';
import type { AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createChat, type Database, DatabaseSession, getChatById } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { nested, oddItem } from './odd-values.ts';

describe.each(DATABASES)('an item stored on $name', ({ open }) => {
  it('comes back as it was, with its keys in their order', { timeout: 90_000 }, async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(oddItem, { minLength: 1, maxLength: 3 }), async (items) => {
        const read = await throughSession(db, items);
        deepStrictEqual(read, items);
        expect(JSON.stringify(read)).toBe(JSON.stringify(items));
      }),
      { numRuns: 120 },
    );
  });

  it('comes back the same way from every door', async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(oddItem, async (odd) => {
        const item = odd as AgentInputItem;
        const userId = newUser();
        const { chatId } = await createChat(db, userId, { conversation: [item] });
        const session = new DatabaseSession(chatId, db);
        const doors = [
          () => session.popItem(),
          async () => {
            await session.replaceHistoryWithCompaction([item]);
            return (await session.getItems(1))[0];
          },
          async () => {
            const transaction = { type: 'append_items' as const, items: [item] };
            await session.applyHistoryTransaction({ operationId: 'op', transaction });
            return (await getChatById(db, chatId, userId))?.conversation[1];
          },
        ];
        for (const door of doors) deepStrictEqual(await door(), item);
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, unknown]>([
    ['with 5 MB of text', { role: 'user', content: 'ä€🐉x'.repeat(500_000) }],
    ['1,000 levels deep', nested(1_000)],
    ['1,000 levels of what looks like a tag', tags(1_000)],
    ['of a thousand parts', { content: Array.from({ length: 1_000 }, (_, n) => ({ n, text: `part ${n}` })) }],
    ['without anything', {}],
    ['with empty texts, lists and objects', { '': '', list: [], object: {}, bytes: new Uint8Array() }],
    ['with a megabyte of bytes', { data: new Uint8Array(1_000_000).map((_, index) => index) }],
  ])('%s comes back as it was', async (_title, item) => {
    const [read] = await throughSession(await open(), [item]);
    deepStrictEqual(read, item);
  });

  it('loses only what JSON has no word for: members that are undefined, and that bytes were a Buffer', async () => {
    const written = {
      role: 'user',
      content: [{ a: undefined, image: Buffer.from('png') }],
      namespace: undefined,
    };
    const [read] = await throughSession(await open(), [written]);
    deepStrictEqual(read, { role: 'user', content: [{ image: Uint8Array.from(Buffer.from('png')) }] });
  });

  it('holds the bytes of a view, not those around it', async () => {
    const around = Uint8Array.from([1, 2, 3, 4, 5]);
    const [read] = await throughSession(await open(), [{ data: around.subarray(1, 3) }]);
    deepStrictEqual(read, { data: Uint8Array.from([2, 3]) });
  });

  it('is kept as often as it is added', async () => {
    const same = { role: 'user', content: 'again' };
    expect(await throughSession(await open(), [same, same, same])).toEqual([same, same, same]);
  });
});

describe.each(DATABASES)('the computed conversation on $name', ({ open }) => {
  it('takes every item, with U+FFFD for what jsonb cannot hold', async () => {
    const db = await open();
    const content = 'NUL \u0000, half \ud83d, other half \ude00, whole 🐉, backslash \\u0000';
    const { chatId } = await createChat(db, newUser(), { conversation: [{ role: 'user', content }] });
    const { rows } = await db.query({
      text: 'select c.conversation from chats c where c.chat_id = $1',
      values: [chatId],
    });
    const safe = 'NUL \ufffd, half \ufffd, other half \ufffd, whole 🐉, backslash \\u0000';
    expect(rows).toEqual([{ conversation: [{ role: 'user', content: safe }] }]);
  });
});

/** What a session gives back of items that another one has stored. */
async function throughSession(db: Database, items: readonly unknown[]): Promise<unknown[]> {
  const chatId = newId();
  await new DatabaseSession(chatId, db, { userId: newUser() }).addItems(items as AgentInputItem[]);
  return new DatabaseSession(chatId, db).getItems();
}

function tags(depth: number): object {
  let inner: unknown = 'AAAA';
  for (let level = 0; level < depth; level++) inner = { __type: 'Object', data: inner };
  return inner as object;
}
