import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import { createChat, DatabaseSession, searchChats } from '../../src/index.ts';
import { catchUp } from '../../src/search/catch-up.ts';
import { agentSays, userSays } from '../session/items.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { bracket } from './bracket.ts';

/** What is found, as texts with their highlights in brackets. */
async function find(db: Database, userId: string, text: string, options = {}): Promise<string[]> {
  const { results } = await searchChats(db, userId, { query: text, ...options });
  return results.map(({ snippet }) => bracket(snippet));
}

describe.each(DATABASES)('a search on $name', ({ open }) => {
  it.each([
    ['病院', '病院は機能していない', ['[病院]は機能していない']],
    ['機能', '病院は機能していない', ['病院は[機能]していない']],
    ['い', '病院は機能していない', ['病院は機能して[い]な[い]']],
    ['能病', '病院は機能していない', []],
    ['权利', '在尊严和权利上一律平等', ['在尊严和[权利]上一律平等']],
    ['ｱｲﾄﾞﾙ', '今日のアイドル', ['今日の[アイドル]']],
    ['권리', '그 존엄과 권리에 있어', ['그 존엄과 [권리]에 있어']],
    ['GPT模型', '新的GPT模型发布', ['新的[GPT模型]发布']],
    ['🐉', 'Here be 🐉🐉!', ['Here be [🐉🐉]!']],
    ['👍', 'well 👍🏽 done', ['well [👍🏽] done']],
    ['👍🏻', 'well 👍🏽 done', ['well [👍🏽] done']],
    ['❤', 'I ❤\ufe0f you', ['I [❤\ufe0f] you']],
    ['🇸🇪', '🇸🇪 🇩🇪', ['[🇸🇪] 🇩🇪']],
    ['🇩', '🇸🇪 🇩🇪', []],
    ['cafe', 'Ein Café\u0301!', ['Ein [Café\u0301]!']],
    ["don't", 'I don’t', ['I [don]’[t]']],
    ['foo-bar', 'foo bar, bar foo', ['[foo] [bar], bar foo']],
    ['"b c', 'a b cd', ['a [b] [cd]']],
    ['"b c"', 'a b cd', []],
    ['“a b”', 'a b', ['[a] [b]']],
    ['a_b', 'a b', ['[a] [b]']],
    ['x', "<b>x</b> & 'y' \\ :* | !", ["<b>[x]</b> & 'y' \\ :* | !"]],
    ['y', "<b>x</b> & 'y' \\ :* | !", ["<b>x</b> & '[y]' \\ :* | !"]],
    ['\' & | ! :* \\ "', 'anything', []],
    ['نمی‌دانم', 'من نمی‌دانم', ['من [نمی‌دانم]']],
  ])('for %s in %s finds %j', async (text, said, found) => {
    const db = await open();
    const userId = newUser();
    await createChat(db, userId, { conversation: [userSays(said)] });
    expect(await find(db, userId, text)).toEqual(found);
  });

  it('shows the part of a long text that fits, without half a letter', async () => {
    const db = await open();
    const userId = newUser();
    await createChat(db, userId, {
      conversation: [agentSays(`${'😀'.repeat(500)} needle\n${'😀'.repeat(500)}`)],
    });
    const [shown = ''] = await find(db, userId, 'needle');
    expect(shown).toMatch(/^…😀+ \[needle\] 😀+…$/u);
    expect(shown.isWellFormed()).toBe(true);
    expect(shown.length).toBeLessThan(210);
  });

  it('finds what was said in a message with a picture of megabytes, and not the picture', async () => {
    const db = await open();
    const userId = newUser();
    const image = `data:image/png;base64,${'words/'.repeat(300_000)}`;
    const content = [
      { type: 'input_text' as const, text: 'Look at this gryphon' },
      { type: 'input_image' as const, image },
    ];
    await createChat(db, userId, { conversation: [{ role: 'user', content }] });
    expect(await find(db, userId, 'gryphon')).toEqual(['Look at this [gryphon]']);
    expect(await find(db, userId, 'words')).toEqual([]);
  });

  it('takes any text, of which the first words are found', async () => {
    const db = await open();
    const userId = newUser();
    const odd = [
      'a\u0000b \ud83d',
      'x'.repeat(300_000),
      Array.from({ length: 60_000 }, (_, n) => `w${n}`).join(' '),
      '漢'.repeat(50_000),
    ];
    await createChat(db, userId, { title: 'Odd', conversation: odd.map(userSays) });
    for (const text of ['b', 'x'.repeat(400), 'w15999', '漢漢漢'])
      expect(await find(db, userId, text)).toHaveLength(1);
    expect(await find(db, userId, 'w16001')).toEqual([]);
  });

  it('puts titles before what was said, and looks at tools only when asked', async () => {
    const db = await open();
    const userId = newUser();
    const call = {
      type: 'function_call' as const,
      callId: 'c',
      name: 'find_dragon',
      status: 'completed' as const,
    };
    await createChat(db, userId, {
      title: 'The dragon',
      conversation: [userSays('dragon dragon dragon'), { ...call, arguments: '{"where":"cave"}' }],
    });
    expect(await find(db, userId, 'dragon')).toEqual(['The [dragon]', '[dragon] [dragon] [dragon]']);
    expect(await find(db, userId, 'cave')).toEqual([]);
    expect(await find(db, userId, 'cave', { tools: true })).toEqual(['find_dragon {"where":"[cave]"}']);
  });

  it.each([
    [{ query: 5 }, 'query'],
    [{ query: 'x'.repeat(501) }, 'query'],
    [{ query: 'x\u0000' }, 'query'],
    [{ query: 'x', limit: 51 }, 'limit'],
    [{ query: 'x', tools: 'yes' }, 'tools'],
    [{ query: 'x', after: {} }, 'after'],
    [{ query: 'x', limti: 5 }, 'limti'],
  ])('refuses %j, naming %s', async (options, field) => {
    const db = await open();
    const search = searchChats(db, newUser(), options as never);
    await expect(search).rejects.toMatchObject({ code: 'invalid_request', errors: [{ field }] });
  });

  it('says that it is not complete while much is left to index, and goes on behind that', async () => {
    const db = await open();
    const userId = newUser();
    for (let chat = 0; chat < 3; chat += 1) {
      await createChat(db, userId, { conversation: Array.from({ length: 450 }, () => userSays('sesame')) });
    }
    let calls = 0;
    while (!(await catchUp(db, userId, 0))) calls += 1;
    // A page of 200 each time.
    expect(calls).toBeGreaterThanOrEqual(8);
    const { results, isComplete } = await searchChats(db, userId, { query: 'sesame', limit: 50 });
    expect([results.length, isComplete]).toEqual([50, true]);
  });

  it('follows an item that was changed long before the last change, and since it was indexed', async () => {
    const db = await open();
    const userId = newUser();
    const call = { type: 'function_call' as const, callId: 'c', name: 'look', status: 'completed' as const };
    const conversation = [{ ...call, arguments: 'old words' }, userSays('a')];
    const { chatId } = await createChat(db, userId, { conversation });
    expect(await find(db, userId, 'old', { tools: true })).toHaveLength(1);
    const replacement = { ...call, arguments: 'other words' };
    await new DatabaseSession(chatId, db, { userId }).applyHistoryMutations({
      mutations: [{ type: 'replace_function_call', callId: 'c', replacement }],
    });
    for (const text of [
      `update search_chats set version = version - interval '1 hour' where user_id = $1 and chat_id = $2`,
      'update chats set rewritten_from = 1 where user_id = $1 and chat_id = $2',
    ]) {
      await query(db, { userId, text, values: [userId, chatId] });
    }
    expect(await find(db, userId, 'old', { tools: true })).toEqual([]);
    expect(await find(db, userId, 'other', { tools: true })).toHaveLength(1);
  });

  it('is no slower for a chat that somebody else is changing, and finds what that has had before', async () => {
    const db = await open();
    if (db.kind === 'pglite') return;
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: [userSays('before')] });
    const other = await createChat(db, userId, { conversation: [userSays('before')] });
    await catchUp(db, userId, 1_000);
    await db.transaction(async (tx) => {
      await query(tx, {
        userId,
        text: 'select 1 from chats where chat_id = $1 and user_id = $2 for update',
        values: [chatId, userId],
      });
      await new DatabaseSession(other.chatId, db, { userId }).addItems([userSays('before and after')]);
      expect(await find(db, userId, 'before')).toHaveLength(3);
    }, null);
  });
});
