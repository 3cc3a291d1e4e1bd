/** Moves what other stores hold into Questlog: a session of the SDK, a table with a JSONB column, messages of LangChain. */
import { type AgentInputItem, MemorySession } from '@openai/agents';
import { DatabaseSession, getChatCount, migrate, openDatabase, updateChat } from 'questlog';

const db = await openDatabase(process.env.DATABASE_URL ?? 'memory://');
await migrate(db);
const chatOf = (id: string, userId: string) => new DatabaseSession(id, db, { userId });

/** Done twice, it is there once: a chat that has items is left alone. */
async function moveOnce(id: string, userId: string, items: readonly AgentInputItem[]): Promise<void> {
  const chat = chatOf(id, userId);
  if ((await chat.getItems(1)).length === 0) await chat.addItems([...items]);
}

// Any Session of the SDK: it says what it has.
const old = new MemorySession({
  sessionId: 'order-1',
  initialItems: [{ role: 'user', content: 'Where is my order?' }],
});
await moveOnce(await old.getSessionId(), 'user_123', await old.getItems());

// A table of yours, whose column holds items of the SDK.
await db.query({ text: 'create table old_chats (id text, owner text, name text, messages jsonb)' });
await db.query({
  text: `insert into old_chats values ('trip', 'user_123', 'A trip', '[{"role": "user", "content": "Where to?"}]')`,
});
interface OldChat {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly messages: AgentInputItem[];
}
const { rows } = await db.query({ text: 'select id, owner, name, messages from old_chats' });
for (const { id, owner, name, messages } of rows as unknown as OldChat[]) {
  await moveOnce(id, owner, messages);
  await updateChat(db, id, owner, { title: name });
}

// The messages of a LangGraph thread, as `state.values.messages` has them.
interface LangChainMessage {
  readonly type: 'human' | 'ai' | 'system' | 'tool';
  readonly content: string;
  readonly name?: string;
  readonly tool_calls?: readonly { readonly id: string; readonly name: string; readonly args: object }[];
  readonly tool_call_id?: string;
}
function toItems({ type, content, name, tool_calls = [], tool_call_id }: LangChainMessage): AgentInputItem[] {
  if (type === 'human') return [{ role: 'user', content }];
  if (type === 'system') return [{ role: 'system', content }];
  if (type === 'tool') {
    const callId = tool_call_id ?? '';
    return [
      { type: 'function_call_result', callId, name: name ?? 'tool', output: content, status: 'completed' },
    ];
  }
  const said: AgentInputItem = {
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: content }],
  };
  const calls = tool_calls.map(
    (call): AgentInputItem => ({
      type: 'function_call',
      callId: call.id,
      name: call.name,
      arguments: JSON.stringify(call.args),
      status: 'completed',
    }),
  );
  return [...(content === '' ? [] : [said]), ...calls];
}
const thread: LangChainMessage[] = [
  { type: 'human', content: 'Is it raining?' },
  { type: 'ai', content: '', tool_calls: [{ id: 'call_1', name: 'weather', args: { city: 'Oslo' } }] },
  { type: 'tool', content: 'rain', name: 'weather', tool_call_id: 'call_1' },
  { type: 'ai', content: 'It is.' },
];
await moveOnce('thread-1', 'user_123', thread.flatMap(toItems));
await moveOnce('thread-1', 'user_123', thread.flatMap(toItems));

for (const id of ['order-1', 'trip', 'thread-1']) {
  console.log(id, (await chatOf(id, 'user_123').getItems()).length);
}
console.log('chats', await getChatCount(db, 'user_123'));
await db.close();
