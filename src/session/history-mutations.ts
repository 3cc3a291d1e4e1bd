import type { AgentInputItem } from '@openai/agents-core';
import type { Queryable } from '../db/database.ts';
import { deleteItem, replaceItem } from '../store/chat-items.ts';
import { decodeItem } from '../store/item-json.ts';
import type { LockedChat } from '../store/locked-chat.ts';
import { getStoredItems } from '../store/read-items.ts';

/** Puts `text` in the place of the first function call with this id, and removes any further ones. */
export async function replaceFunctionCalls(
  tx: Queryable,
  chat: LockedChat,
  callId: string,
  text: string,
): Promise<void> {
  const items = await getStoredItems(tx, chat);
  const calls = items.filter((stored) => {
    const item = decodeItem<AgentInputItem>(stored.text);
    return item.type === 'function_call' && item.callId === callId;
  });
  for (const [index, { position }] of calls.entries()) {
    if (index === 0) await replaceItem(tx, chat, { position, text });
    else await deleteItem(tx, chat, position);
  }
}
