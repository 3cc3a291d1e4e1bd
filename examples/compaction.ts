/** A long chat made short: a model summarizes what stands before the last turn, and the archive keeps it. */
import { compactChat, createChat, getChatById, migrate, openDatabase, summarizeWith } from 'questlog';
import '@openai/agents'; // The SDK's default provider, for a model by its name.

const db = await openDatabase(process.env.DATABASE_URL ?? './data');
await migrate(db);

const { chatId } = await createChat(db, 'user_123', {
  conversation: [
    { role: 'user', content: 'I am Robin, and I want a bicycle for a family of four.' },
    { role: 'assistant', content: 'A cargo bike, then.' },
    { role: 'user', content: 'How much is one?' },
    { role: 'assistant', content: 'About 5,000 euros.' },
  ],
});

const compaction = summarizeWith({ model: 'gpt-5-mini' });
const { outcome, usage } = await compactChat(db, chatId, 'user_123', compaction, { force: true });
console.log(outcome, usage?.totalTokens);
console.log(JSON.stringify((await getChatById(db, chatId, 'user_123'))?.conversation, null, 2));
await db.close();
