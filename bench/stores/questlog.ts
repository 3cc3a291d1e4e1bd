import type { AgentInputItem } from '@openai/agents-core';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { DatabaseSession } from '../../src/session/database-session.ts';
import type { Message } from '../turn.ts';
import { POOL_SIZE, type Store } from './store.ts';

const USER = 'bench';

/** A message as the Agents SDK hands it to a session. */
export function toItem({ role, text }: Message): AgentInputItem {
  if (role === 'user') return { type: 'message', role, content: text };
  return { type: 'message', role, status: 'completed', content: [{ type: 'output_text', text }] };
}

/** `DatabaseSession`, as an application uses it: one object a chat and request. */
export async function openQuestlog(url: string): Promise<Store> {
  const db = await openDatabase(url, { poolSize: POOL_SIZE });
  await migrate(db);
  const session = (chat: string) => new DatabaseSession(chat, db, { userId: USER });
  return {
    seed: (chat, messages) => session(chat).addItems(messages.map(toItem)),
    append: (chat, messages) => session(chat).addItems(messages.map(toItem)),
    load: async (chat) => (await session(chat).getItems()).length,
    last: async (chat, count) => (await session(chat).getItems(count)).length,
    pop: (chat) => session(chat).popItem(),
    close: () => db.close(),
  };
}
