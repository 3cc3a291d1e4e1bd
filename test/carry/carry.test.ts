import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRow } from '../../src/carry/check-entries.ts';
import { exportChats } from '../../src/carry/export-chats.ts';
import { importChats } from '../../src/carry/import-chats.ts';
import { readChats } from '../../src/carry/read-chats.ts';
import { query } from '../../src/driver/driver.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { createChat, DatabaseSession, deleteChat, getChatById, hardDeleteChat } from '../../src/index.ts';
import { getChatColumns } from '../../src/store/carry/chat-columns.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { anyChat, chatsOf, expectWhole, importText, play, read, say } from './histories.ts';

describe.each(DATABASES)('an export from $name', ({ name, open, openEmpty }) => {
  it('imported elsewhere and exported again is the same, byte for byte', { timeout: 120_000 }, async () => {
    const [source, target] = [await open(), await openEmpty()];
    await migrate(target);
    await fc.assert(
      fc.asyncProperty(fc.array(anyChat, { maxLength: 4 }), async (chats) => {
        const userId = newUser();
        for (const steps of chats) await play(source, userId, steps);
        const exported = await read(exportChats(source, userId));
        const report = await importText(target, userId, exported);
        expect(report).toMatchObject({ imported: chats.length, skipped: [], changed: [], complete: true });
        expect(await read(exportChats(target, userId))).toBe(exported);
        // Its alternatives can be selected there as before.
        expect(await importText(target, userId, exported)).toMatchObject({
          imported: 0,
          already_there: chats.length,
        });
        expect(await read(exportChats(target, userId))).toBe(exported);
      }),
      { numRuns: name === 'PGlite' ? 6 : 40 },
    );
  });

  it('keeps the text of an item to the letter, whoever wrote it', async () => {
    const [source, target] = [await open(), await openEmpty()];
    await migrate(target);
    const userId = newUser();
    const odd = [
      '{"role":"user","content":"a","z":1.50,"1":12345678901234567890,"a":-0.0,"e":1E30}',
      '{ "role" : "user" , "content" : "\\u0000 \\ud800 \\/ ,\\"item\\": }" }',
      '{"role":"user","role":"user","content":"twice"}',
      '{"b":1,"10":2,"2":3,"__proto__":{"role":"user"},"content":[],"role":"user","__type":"Uint8Array"}',
    ];
    const { chatId } = await createChat(source, userId, { title: 'é "🎲"' });
    for (const [position, text] of odd.entries()) {
      await query(source, {
        userId,
        text: `insert into chat_items (chat_id, user_id, position, item) values ($1, $2, $3, $4::text::json)`,
        values: [chatId, userId, position, text],
      });
    }
    await query(source, {
      userId,
      text: 'update chats set next_position = 9 where chat_id = $1 and user_id = $2',
      values: [chatId, userId],
    });
    const exported = await read(exportChats(source, userId));
    expect(await importText(target, userId, exported)).toMatchObject({ imported: 1, changed: [] });
    const rows = await query<{ item: string }>(target, {
      text: 'select item::text as item from chat_items where user_id = $1 order by position',
      values: [userId],
    });
    expect(rows.map(({ item }) => item)).toEqual(odd);
    expect(await read(exportChats(target, userId, { chatId }))).toBe(exported);
  });

  it('that is cut off anywhere and imported again leaves every chat whole and once', {
    timeout: 120_000,
  }, async () => {
    const [source, target] = [await open(), await openEmpty()];
    await migrate(target);
    const userId = newUser();
    for (let chat = 0; chat < 3; chat++)
      await play(source, userId, [
        { do: 'add', texts: ['a', 'b', 'c'] },
        { do: 'aside', at: 2 },
        { do: 'add', texts: ['d'] },
      ]);
    const exported = await read(exportChats(source, userId));
    const ends = [...exported.matchAll(/\n/g)].map(({ index }) => index);
    const anywhere = fc.oneof(
      fc.nat(exported.length - 1),
      fc.constantFrom(...ends, ...ends.map((end) => end + 1)),
    );
    await fc.assert(
      fc.asyncProperty(anywhere, async (end) => {
        const reader = newUser();
        const first = await importText(target, reader, exported.slice(0, end)).catch(() => undefined);
        if (first !== undefined) expect(first.complete && end < exported.length - 1).toBe(false);
        for (const { id } of await chatsOf(target, reader)) await expectWhole(target, reader, id);
        const before = (await chatsOf(target, reader)).length;
        expect(before).toBe(first?.imported ?? 0);
        const again = await importText(target, reader, exported);
        expect(again).toMatchObject({
          imported: 3 - before,
          already_there: before,
          skipped: [],
          complete: true,
        });
        for (const { id } of await chatsOf(target, reader)) {
          await expectWhole(target, reader, id);
          await hardDeleteChat(target, id, reader);
        }
      }),
      { numRuns: name === 'PGlite' ? 6 : 40 },
    );
  });

  it('of another user’s chat gets an id of its own, always the same one', async () => {
    const db = await open();
    const [owner, other] = [newUser(), newUser()];
    const { chatId } = await createChat(db, owner, { title: 'Mine', conversation: [say('a')] });
    const exported = await read(exportChats(db, owner));
    const report = await importText(db, other, exported);
    const [{ id } = { id: '' }] = await chatsOf(db, other);
    expect(report.changed).toEqual([{ id: chatId, what: `its id here is ${id}` }]);
    // Also when its own has become free, or the copy is hidden.
    await hardDeleteChat(db, chatId, owner);
    await deleteChat(db, id, other);
    expect(await importText(db, other, exported)).toMatchObject({ imported: 0, already_there: 1 });
    expect(await importText(db, owner, exported)).toMatchObject({ imported: 1, changed: [] });
    expect(await getChatById(db, chatId, owner)).toMatchObject({ title: 'Mine', conversation: [say('a')] });
  });

  it('has no column of chats that an import does not know', async () => {
    for (const { name } of await getChatColumns(await open())) {
      const notes: string[] = [];
      if (name === 'chat_id') continue;
      expect(() => checkRow({ [name]: Symbol('odd') }, (note) => notes.push(note)), name).toThrow(name);
      expect(notes).toEqual([]);
    }
  });

  it('is held to what a chat may say of itself, also where no such column is there yet', () => {
    const good = {
      is_pinned: true,
      tags: ['a', 'b'],
      metadata: { a: 1 },
      forked_from: { chatId: 'x', position: 1 },
    };
    expect(checkRow({ ...good, tags: ['a', 'b', 'a'] }, () => undefined)).toEqual(good);
    for (const [name, value] of [
      ['is_archived', 1],
      ['tags', [1]],
      ['tags', ['x'.repeat(65)]],
      ['tags', Array.from({ length: 51 }, String)],
      ['metadata', []],
      ['metadata', { a: 'x'.repeat(17_000) }],
      ['forked_from', 'x'],
    ] as const)
      expect(() => checkRow({ [name]: value }, () => undefined), name).toThrow(name);
  });

  it('is looked through by a dry run, which writes nothing', async () => {
    const db = await open();
    const [owner, other] = [newUser(), newUser()];
    for (let chat = 0; chat < 2; chat++) await createChat(db, owner, { conversation: [say('a'), say('b')] });
    const exported = await read(exportChats(db, owner));
    const progress: number[] = [];
    const report = await importChats(db, other, readChats([exported]), {
      dryRun: true,
      onProgress: ({ chats }) => progress.push(chats),
    });
    expect(report).toMatchObject({ imported: 2, items: 4, dry_run: true, complete: true });
    expect(progress).toEqual([1, 2]);
    expect(await chatsOf(db, other)).toEqual([]);
    // It says the same as what comes then.
    expect(await importChats(db, other, readChats([exported]))).toEqual({ ...report, dry_run: false });
  });

  it('with what cannot be stored loses that chat alone, and says why', async () => {
    const db = await open();
    const [owner, other] = [newUser(), newUser()];
    for (const title of ['one', 'two', 'three'])
      await createChat(db, owner, { title, conversation: [say(title)] });
    const lines = (await read(exportChats(db, owner))).trimEnd().split('\n');
    const changes: [pattern: RegExp, to: string, why: RegExp][] = [
      [/"item":\{.*\}\}/, '"item":3}', /must be an object/],
      [/"item":\{.*\}\}/, `"item":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)},"a":1}}`, /nested deeper/],
      [/"item":\{.*\}\}/, '"item":{"a":1e999}}', /JSON cannot carry/],
      [/"position":0/, '"position":7', /out of order/],
      [/"position":0/, '"position":-1', /must be a position/],
      [/"created_at":"\d+-/, '"created_at":"0000-', /must be a time/],
      [/"run_id":null/, '"run_id":"\\u0000"', /run_id must not contain/],
      [/"feedback":null/, '"feedback":{"rating":"maybe"}', /must be "up"/],
      [/"type":"item"/, '"type":"thing"', /no lines of type/],
      [/^\{/, '', /is not JSON/],
    ];
    for (const [pattern, to, why] of changes) {
      const reader = newUser();
      const damaged = lines.map((line, index) => (index === 5 ? line.replace(pattern, to) : line));
      const report = await importText(db, reader, damaged.join('\n'));
      expect(report, String(why)).toMatchObject({ imported: 2, skipped_count: 1, complete: true });
      expect(report.skipped[0]?.why).toMatch(why);
      expect(await chatsOf(db, reader)).toHaveLength(2);
    }
    const without = lines.filter((_, index) => index !== 5).join('\n');
    expect((await importText(db, other, without)).skipped[0]?.why).toContain('has 0 of 1 items');
    for (const [text, message] of [
      ['', 'empty'],
      ['hello', 'neither'],
      ['{"type":"export","format":"questlog","version":2}\n', 'version 2'],
      ['{"a":1}\n', 'no export of Questlog'],
    ] as const) {
      await expect(importText(db, other, text)).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining(message),
      });
    }
  });

  it('with alternatives that cannot be so is refused, before it can break the chat', async () => {
    const db = await open();
    const [owner, other] = [newUser(), newUser()];
    await play(db, owner, [
      { do: 'add', texts: ['a', 'b', 'c'] },
      { do: 'aside', at: 2 },
      { do: 'add', texts: ['d'] },
    ]);
    const exported = await read(exportChats(db, owner));
    for (const [pattern, to] of [
      [/"inside":null/g, '"inside":1'],
      [/"alternative_id":1,"run/, '"alternative_id":0,"run'],
    ] as const) {
      expect(exported).toMatch(pattern);
      expect(await importText(db, other, exported.replace(pattern, to))).toMatchObject({ skipped_count: 1 });
    }
    expect(await chatsOf(db, other)).toEqual([]);
    const report = await importText(db, other, exported);
    expect(report).toMatchObject({ imported: 1 });
    const [{ id } = { id: '' }] = await chatsOf(db, other);
    const session = new DatabaseSession(id, db, { userId: other });
    const [first] = await session.listAlternatives();
    expect(first).toMatchObject({ items: 2 });
    await session.selectAlternative(first?.alternativeId ?? -1);
    expect(await session.getItems()).toEqual(['a', 'b', 'c'].map(say));
  });
});
