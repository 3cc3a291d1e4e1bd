/** A chat and your own rows, written together or not at all: any store function takes your transaction. */
import pg from 'pg';
import { createChat, DatabaseSession, getChatById, migrate, openDatabase } from 'questlog';

const url = process.env.DATABASE_URL ?? 'postgres://localhost/app';
const db = await openDatabase(url);
await migrate(db);
await db.close();

const pool = new pg.Pool({ connectionString: url });
await pool.query('create table if not exists orders (order_id int primary key, chat_id text not null)');
const client = await pool.connect();

await client.query('begin');
const chat = await createChat(client, 'user_123', { title: 'Order 1' });
await new DatabaseSession(chat.chatId, client).addItems([{ role: 'user', content: 'Where is my order?' }]);
await client.query('insert into orders values (1, $1)', [chat.chatId]);
await client.query('commit');
console.log((await getChatById(client, chat.chatId, 'user_123'))?.conversation);

// The same order again: its key is taken, so the second chat goes with it.
await client.query('begin');
const second = await createChat(client, 'user_123', { title: 'Order 1 again' });
await client
  .query('insert into orders values (1, $1)', [second.chatId])
  .then(() => client.query('commit'))
  .catch(() => client.query('rollback'));
console.log(await getChatById(client, second.chatId, 'user_123'));

client.release();
await pool.end();
