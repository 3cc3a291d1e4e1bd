/** Without a key: an agent whose model is a few lines of your own, and a chat that is there the next time. */
import { Agent } from '@openai/agents';
import { getChatById, migrate, openDatabase, runDurably } from 'questlog';
import { scriptModel } from 'questlog/testing';

const db = await openDatabase(process.env.DATABASE_URL ?? './data');
await migrate(db);

// It says what you tell it to. For a real answer: leave `model` out, and set OPENAI_API_KEY.
const model = scriptModel('Hello! I am offline.', 'You said hello.');
const agent = new Agent({ name: 'Echo', model });

const { chatId, finalOutput } = await runDurably(agent, 'Hello', { db, userId: 'user_123' });
console.log(finalOutput);
const second = await runDurably(agent, 'What did I say?', { db, userId: 'user_123', chatId });
console.log(second.finalOutput);

const chat = await getChatById(db, chatId ?? '', 'user_123');
console.log(`${chat?.conversation.length} items in chat ${chatId}`);
await db.close();
