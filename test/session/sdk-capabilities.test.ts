import {
  type AgentInputItem,
  isOpenAIResponsesCompactionAwareSession,
  isRunContextAwareSession,
  isSessionHistoryRewriteAwareSession,
  isSessionHistoryTransactionAwareSession,
} from '@openai/agents-core';
import { assistantMessage } from '@openai/agents-core/testing';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createChat, DatabaseSession, getChatById } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { agentSays } from './items.ts';
import { Stage } from './stage.ts';

describe.each(DATABASES)('the SDK on $name', ({ open }) => {
  it('finds every capability of the session, and does not ask it to compact by itself', async () => {
    const session = new DatabaseSession(newId(), await open());
    expect(isRunContextAwareSession(session)).toBe(true);
    expect(isSessionHistoryRewriteAwareSession(session)).toBe(true);
    expect(isSessionHistoryTransactionAwareSession(session)).toBe(true);
    expect(session).toHaveProperty('replaceHistoryWithCompaction');
    expect(isOpenAIResponsesCompactionAwareSession(session)).toBe(false);
  });

  it('continues a conversation of plain messages, which stays as it was written', async () => {
    const db = await open();
    const userId = newUser();
    const plain = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Who are you?' },
      { role: 'assistant', content: 'A wizard.' },
      { type: 'message', role: 'assistant', content: '' },
    ];
    const { chatId } = await createChat(db, userId, { conversation: plain });
    const stage = new Stage(new DatabaseSession(chatId, db, { userId }), { userId }, false);
    await stage.run(stage.agent([[assistantMessage('Still a wizard.')]]), 'And now?');

    expect(stage.outcomes).toEqual(['says Still a wizard.']);
    expect(stage.model.firstCall?.request.input).toMatchObject([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Who are you?' },
      { role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'A wizard.' }] },
      { role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: '' }] },
      { role: 'user', content: 'And now?' },
    ]);
    const chat = await getChatById(db, chatId, userId);
    expect(chat?.conversation.slice(0, 4)).toEqual(plain);
    expect(chat?.conversation).toHaveLength(6);
  });

  it('is given every other item as it is, and no less than what came in by SQL', async () => {
    const db = await open();
    const userId = newUser();
    const items: AgentInputItem[] = [
      agentSays('hi'),
      { role: 'user', content: 'text' },
      { type: 'function_call', callId: '1', name: 'roll', arguments: '{}', status: 'completed' },
      { type: 'compaction', encrypted_content: 'x' },
      { role: 'assistant', content: null } as never,
    ];
    const { chatId } = await createChat(db, userId, { conversation: items });
    const text = `insert into chat_items (chat_id, position, user_id, item) values ($1, 5, $2, 'null')`;
    await db.query({ text, values: [chatId, userId] });
    expect(await new DatabaseSession(chatId, db).getItems()).toEqual([...items, null]);
  });
});
