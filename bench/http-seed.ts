import { randomUUID } from 'node:crypto';
import { openDatabase } from '../src/database/open.ts';
import { query } from '../src/driver/driver.ts';
import { mergeChatCounts } from '../src/store/chats/chat-counts.ts';
import { createChat } from '../src/store/chats/create-chat.ts';
import { toItem } from './stores/questlog.ts';
import { conversation } from './turn.ts';

/** Fills the server's database: users with few, a thousand and many chats, and chats of each size. */
export async function seedHttp(url: string, quick: boolean) {
  const db = await openDatabase(url, { poolSize: 1 });
  const chats = async (userId: string, count: number) => {
    await query(db, {
      text: `insert into chats (chat_id, user_id, title, updated_at)
        select gen_random_uuid()::text, $1, 'Chat ' || n, now() - n * interval '1 minute' from generate_series(1, $2) n`,
      values: [userId, count],
    });
  };
  const chat = async (items: number) =>
    (await createChat(db, 'few', { title: randomUUID(), conversation: conversation(items).map(toItem) }))
      .chatId;
  await chats('thousand', quick ? 100 : 1_000);
  await chats('many', quick ? 1_000 : 100_000);
  // As after the months in which so many chats come together.
  while ((await mergeChatCounts(db, 10_000)) > 0);
  const [small, middle, large] = [await chat(10), await chat(100), await chat(1_000)];
  const editable = await Promise.all(Array.from({ length: 10 }, () => chat(10)));
  await db.close();
  return { small, middle, large, editable };
}
