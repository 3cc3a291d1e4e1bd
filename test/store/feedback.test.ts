import { describe, expect, it } from 'vitest';
import { query } from '../../src/driver/driver.ts';
import { compactChat, createChat, DatabaseSession, deleteChat, rateItem } from '../../src/index.ts';
import { encodeItems } from '../../src/store/items/item-json.ts';
import { getItemPage } from '../../src/store/items/item-page.ts';
import { beginRun } from '../../src/store/runs/begin-run.ts';
import { agentSays, userSays } from '../session/items.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { liveOn, NEVER_MS, Watcher } from '../support/watching.ts';

const TALK = [userSays('a'), agentSays('b'), userSays('c'), agentSays('d')];
const WORDS = { rating: 'down', comment: 'It was "asleep" \u0000 \ud800 🐉' } as const;

describe.each(DATABASES)('what a person thinks of an item on $name', ({ open }) => {
  const begin = async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: TALK });
    const rated = async () => {
      const { items } = await getItemPage(db, chatId, userId, { limit: 100 });
      return items.map(({ position, feedback }) => [position, feedback]);
    };
    return { db, userId, chatId, rated };
  };

  it('is kept beside it, replaced and taken back, and changes neither the item nor what a model gets', async () => {
    const { db, userId, chatId, rated } = await begin();
    const session = new DatabaseSession(chatId, db, { userId });
    const before = await session.getItems();
    expect(await rateItem(db, chatId, userId, 3, { rating: 'up' })).toBe(true);
    expect(await rated()).toEqual([
      [0, null],
      [1, null],
      [2, null],
      [3, { rating: 'up', comment: null }],
    ]);
    expect(await rateItem(db, chatId, userId, 3, WORDS)).toBe(true);
    expect((await rated())[3]).toEqual([3, WORDS]);
    expect(await session.getItems()).toEqual(before);
    expect(await rateItem(db, chatId, userId, 3, { rating: null })).toBe(true);
    expect((await rated())[3]).toEqual([3, null]);
  });

  it('goes where the item goes: to the archive, and behind a summary', async () => {
    const { db, userId, chatId, rated } = await begin();
    await rateItem(db, chatId, userId, 1, WORDS);
    await rateItem(db, chatId, userId, 3, { rating: 'up' });
    const compact = async () => ({ items: [agentSays('before')] });
    await compactChat(db, chatId, userId, { compact, keepTurns: 1 }, { force: true });
    expect((await rated()).map(([, feedback]) => feedback)).toEqual([
      null,
      null,
      { rating: 'up', comment: null },
    ]);
    const archived = {
      text: 'select position::int, feedback from archived_items where chat_id = $1 order by 1',
    };
    expect(await query(db, { ...archived, values: [chatId], userId })).toEqual([
      { position: 0, feedback: null },
      { position: 1, feedback: WORDS },
    ]);
  });

  it('is told to who watches the chat', async () => {
    const { db, userId, chatId } = await begin();
    const watcher = await Watcher.of(await liveOn(db, { pollMs: NEVER_MS }), userId);
    await rateItem(db, chatId, userId, 3, { rating: 'up' });
    await watcher.signal('items_replaced');
    await rateItem(db, chatId, userId, 3, { rating: 'down' });
    expect(await watcher.signal('items_replaced', ({ first }) => first === 3)).toMatchObject({ last: 3 });
  });

  it('is refused of what is not there, and while its run goes on', async () => {
    const { db, userId, chatId, rated } = await begin();
    const up = { rating: 'up' } as const;
    expect(await rateItem(db, chatId, newUser(), 1, up)).toBe(false);
    for (const position of [4, -1]) expect(await rateItem(db, chatId, userId, position, up)).toBe(false);
    const run = { runId: newUser(), chatId, userId, agent: 'A', leaseMs: 60_000, title: undefined };
    await beginRun(db, { ...run, input: encodeItems([userSays('e')]) });
    expect(await rateItem(db, chatId, userId, 4, up)).toBe(false);
    expect(await rateItem(db, chatId, userId, 1, up)).toBe(true);
    await deleteChat(db, chatId, userId);
    expect(await rateItem(db, chatId, userId, 3, up)).toBe(false);
    expect((await rated()).flatMap(([position, feedback]) => (feedback === null ? [] : [position]))).toEqual([
      1,
    ]);
  });

  it.each([
    [{ rating: 'sideways' }, 'rating'],
    [{}, 'rating'],
    [{ rating: 'up', comment: 'x'.repeat(1_001) }, 'comment'],
    [{ rating: 'up', comment: 7 }, 'comment'],
    [{ rating: null, comment: 'why' }, 'comment'],
    [{ rating: 'up', coment: 'why' }, 'coment'],
  ])('is not %j', async (feedback, field) => {
    const { db, userId, chatId } = await begin();
    await expect(rateItem(db, chatId, userId, 1, feedback as never)).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ field }],
    });
  });
});
