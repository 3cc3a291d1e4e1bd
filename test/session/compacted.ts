import type { AgentInputItem } from '@openai/agents-core';
import {
  type Compaction,
  type compactAtOpenAI,
  compactChat,
  createChat,
  type Database,
  DatabaseSession,
} from '../../src/index.ts';
import { newUser } from '../support/databases.ts';
import { archiveOf } from './archive.ts';
import { agentSays, userSays } from './items.ts';

type Answer = Awaited<ReturnType<Compaction['compact']>>;

export const call: AgentInputItem = {
  type: 'function_call',
  callId: 'c',
  name: 'look',
  arguments: '{}',
  status: 'completed',
};
export const result: AgentInputItem = {
  type: 'function_call_result',
  callId: 'c',
  name: 'look',
  status: 'completed',
  output: { type: 'text', text: 'seen' },
};
export const SUMMARY = agentSays('what was before');
export const TALK = [
  userSays('1'),
  agentSays('a'),
  userSays('2'),
  call,
  result,
  agentSays('b'),
  userSays('3'),
  agentSays('c'),
];
export const OPENAI_SUMMARY: AgentInputItem = { type: 'compaction', encrypted_content: 'sealed' };
export const USAGE = { requests: 1, inputTokens: 5, outputTokens: 2, totalTokens: 7 };

export async function begin(db: Database, conversation: readonly unknown[] = TALK) {
  const userId = newUser();
  const { chatId } = await createChat(db, userId, { conversation: conversation as AgentInputItem[] });
  const session = new DatabaseSession(chatId, db, { userId });
  const compact = (compaction: Compaction, force = true) =>
    compactChat(db, chatId, userId, compaction, { force });
  return { userId, chatId, session, compact, archive: () => archiveOf(db, chatId) };
}

/** A compaction that does something before it answers. */
export const answering = (
  work: (items: AgentInputItem[]) => unknown,
  answer: Answer = { items: [SUMMARY] },
): Compaction => ({
  compact: async (items) => {
    await work(items);
    return answer;
  },
});

/** A client of OpenAI's whose compaction answers with this. */
export function openAi(seen: unknown[] = []) {
  const compact = async (body: { input?: unknown }) => {
    seen.push(body.input);
    return { output: [OPENAI_SUMMARY], usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 } };
  };
  return { responses: { compact } } as unknown as Parameters<typeof compactAtOpenAI>[0]['client'];
}
