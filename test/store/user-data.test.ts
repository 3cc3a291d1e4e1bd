import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import {
  createChat,
  DatabaseSession,
  deleteChat,
  deleteUserData,
  rateItem,
  readUserData,
  setUserRetention,
} from '../../src/index.ts';
import { addCampaignNote } from '../../src/store/campaign-notes.ts';
import { encodeItems } from '../../src/store/items/item-json.ts';
import { beginRunWithoutChat } from '../../src/store/runs/begin-run.ts';
import { listUserTables } from '../../src/store/users/user-tables.ts';
import { agentSays, userSays } from '../session/items.ts';
import { DATABASES, newUser } from '../support/databases.ts';

const ODD = { ...userSays('"\u2028\n'), providerData: { number: 1.5, nested: [null, '𝕏'] } };

/** Something in most tables. */
async function fill(db: Database): Promise<string> {
  const userId = newUser();
  const { chatId } = await createChat(db, userId, { title: 'A dragon', conversation: [ODD, agentSays('b')] });
  const session = new DatabaseSession(chatId, db, { userId });
  await session.setAside(1);
  await session.addItems([agentSays('c')]);
  await rateItem(db, chatId, userId, 0, { rating: 'up' });
  await addCampaignNote(db, chatId, userId, 'Remember me.');
  await beginRunWithoutChat(db, { runId: `run-${userId}`, userId, agent: 'A', leaseMs: 60_000 });
  await deleteChat(db, (await createChat(db, userId)).chatId, userId);
  await setUserRetention(db, userId, 9);
  return userId;
}

async function read(
  db: Database,
  userId: string,
): Promise<{ table: string; row: Record<string, unknown> }[]> {
  let text = '';
  for await (const line of readUserData(db, userId)) text += line;
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

describe.each(DATABASES)('what $name has of a user', ({ open }) => {
  it('is read as lines of JSON: every row of every table, and nobody else’s', async () => {
    const db = await open();
    const [userId, other] = [await fill(db), await fill(db)];
    const lines = await read(db, userId);
    expect(JSON.stringify(lines)).not.toContain(other);
    for (const { name, columns } of await listUserTables(db)) {
      if (name.startsWith('search_')) continue;
      const rows = lines.filter(({ table }) => table === name).map(({ row }) => row);
      const [found] = await query<{ count: number }>(db, {
        userId,
        text: `select count(*)::int as count from ${name} where user_id = $1`,
        values: [userId],
      });
      expect([name, rows.length]).toEqual([name, found?.count]);
      for (const row of rows)
        expect(Object.keys(row)).toEqual(columns.map((column) => column.replaceAll('"', '')));
    }
    const items = lines.filter(({ table }) => table === 'chat_items').map(({ row }) => row.item);
    expect(items).toEqual([ODD, agentSays('c')]);
  });

  it('is read in pages, whatever is long in it', async () => {
    const db = await open();
    const userId = newUser();
    const long = 'x'.repeat(200_000);
    const conversation = Array.from({ length: 450 }, (_, n) =>
      userSays(n % 150 === 7 ? `${n} ${long}` : `${n}`),
    );
    await createChat(db, userId, { conversation });
    const items = (await read(db, userId)).filter(({ table }) => table === 'chat_items');
    expect(items.map(({ row }) => row.item)).toEqual(conversation);
  });

  it('is removed whole, in batches, with a note that says nothing of what it was; others keep theirs', async () => {
    const db = await open();
    const [userId, other] = [await fill(db), await fill(db)];
    const { chatId } = await createChat(db, userId);
    const { texts } = encodeItems([userSays('much')]);
    await db.query({
      userId,
      text: `insert into chat_items (chat_id, position, user_id, item) select $1, n, $2, $3::json from generate_series(0, 2100) as n`,
      values: [chatId, userId, texts[0]],
    });
    const before = await read(db, other);
    const counts = await deleteUserData(db, userId);
    expect(counts).toMatchObject({
      chats: 3,
      chat_items: 2_103,
      archived_items: 1,
      campaign_notes: 1,
      runs: 1,
    });
    expect(await read(db, userId)).toEqual([]);
    expect(await read(db, other)).toEqual(before);
    const notes = await query(db, {
      userId,
      text: 'select erased_user, rows, erased_at is not null as is_timed from erasures where erased_user = $1',
      values: [userId],
    });
    expect(notes).toEqual([{ erased_user: userId, rows: counts, is_timed: true }]);
    expect(await deleteUserData(db, userId)).toEqual({});
  });
});
