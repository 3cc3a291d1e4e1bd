import type { AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { DatabaseSession } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { archiveOf } from './archive.ts';
import { numbered, userSays } from './items.ts';

const SUMMARY: AgentInputItem = { type: 'compaction', encrypted_content: 'summary' };

describe.each(DATABASES)('a compaction on $name', ({ open }) => {
  it('loses nothing: the archive and the history are all that was ever written, in order', async () => {
    const db = await open();
    // A number appends so many items; the other way round it compacts to a summary and so many items.
    const anyLife = fc.array(fc.tuple(fc.boolean(), fc.nat(3)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(anyLife, async (life) => {
        const chatId = newId();
        const session = new DatabaseSession(chatId, db, { userId: newUser() });
        const written: AgentInputItem[] = [];
        let history: AgentInputItem[] = [];
        for (const [compact, count] of life) {
          const items = [...(compact ? [SUMMARY] : []), ...numbered(count, written.length)];
          if (compact) await session.replaceHistoryWithCompaction(items);
          else await session.addItems(items);
          history = compact ? items : [...history, ...items];
          written.push(...items);
        }
        expect(await session.getItems()).toEqual(history);
        expect([...(await archiveOf(db, chatId)), ...history]).toEqual(written);
      }),
      { numRuns: 15 },
    );
  });

  it('may be the first thing that a chat sees', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    await session.replaceHistoryWithCompaction([SUMMARY]);
    expect(await session.getItems()).toEqual([SUMMARY]);
  });

  it('with an item that cannot be stored changes nothing', async () => {
    const db = await open();
    const chatId = newId();
    const session = new DatabaseSession(chatId, db, { userId: newUser() });
    await session.addItems(numbered(2));
    const compact = session.replaceHistoryWithCompaction([SUMMARY, { role: 'user', content: 1n as never }]);
    await expect(compact).rejects.toMatchObject({ code: 'invalid_item' });
    expect(await session.getItems()).toEqual(numbered(2));
    expect(await archiveOf(db, chatId)).toEqual([]);
  });

  it('that a caller’s transaction takes back leaves the history where it was', async () => {
    const db = await open();
    const chatId = newId();
    const userId = newUser();
    const session = new DatabaseSession(chatId, db, { userId });
    await session.addItems(numbered(2));
    const work = db.transaction(async (tx) => {
      await new DatabaseSession(chatId, tx, { userId }).replaceHistoryWithCompaction([SUMMARY]);
      throw new Error('taken back');
    });
    await expect(work).rejects.toThrow('taken back');
    expect(await session.getItems()).toEqual(numbered(2));
    expect(await archiveOf(db, chatId)).toEqual([]);
  });

  it('and a clearing keep what they take, until the session is told to forget it', async () => {
    const db = await open();
    const chatId = newId();
    const session = new DatabaseSession(chatId, db, { userId: newUser() });
    await session.addItems([userSays('kept')]);
    await session.replaceHistoryWithCompaction([SUMMARY]);
    await session.clearSession();
    expect(await archiveOf(db, chatId)).toEqual([userSays('kept'), SUMMARY]);
    await session.addItems([userSays('later')]);
    await session.forgetSession();
    expect([await session.getItems(), await archiveOf(db, chatId)]).toEqual([[], []]);
  });

  it('goes with its archive when the chat is removed', async () => {
    const db = await open();
    const chatId = newId();
    const session = new DatabaseSession(chatId, db, { userId: newUser() });
    await session.addItems([userSays('kept')]);
    await session.clearSession();
    await db.query({ text: 'delete from chats where chat_id = $1', values: [chatId] });
    expect(await archiveOf(db, chatId)).toEqual([]);
  });
});
