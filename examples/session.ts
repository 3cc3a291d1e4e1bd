/** Session memory alone: the SDK's own `run`, with a history that outlives the process. */
import { Agent, run } from '@openai/agents';
import { createNewChatForUser, DatabaseSession, migrate, openDatabase } from 'questlog';

const db = await openDatabase(process.env.DATABASE_URL ?? './data');
await migrate(db);

const agent = new Agent({ name: 'Assistant', instructions: 'You help with whatever you are asked.' });

// Create a new chat and a session for it.
const chatId = await createNewChatForUser(db, 'user_123', 'My AI Assistant Chat');
const session = new DatabaseSession(chatId, db, { userId: 'user_123' });
const first = await run(agent, 'Hello, I need help with Python', { session });
console.log(first.finalOutput);

// Later, perhaps in another process: the history is loaded by itself.
const resumed = new DatabaseSession(chatId, db, { userId: 'user_123' });
const second = await run(agent, 'What did we discuss earlier?', { session: resumed });
console.log(second.finalOutput);

console.log(`${(await resumed.getItems()).length} items in chat ${chatId}`);
await db.close();
