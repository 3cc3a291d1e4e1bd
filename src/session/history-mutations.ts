import type { AgentInputItem } from '@openai/agents-core';
import type { Queryable } from '../driver/driver.ts';
import { deleteItem, replaceItem } from '../store/items/chat-items.ts';
import { decodeItem } from '../store/items/item-json.ts';
import type { LockedChat } from '../store/items/locked-chat.ts';
import { getStoredItems } from '../store/items/read-items.ts';

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
