import type { AgentInputItem } from '@openai/agents-core';
import type { Queryable } from '../driver/driver.ts';
import { deleteItem, deleteItems, insertItems, replaceItem } from '../store/items/chat-items.ts';
import type { EncodedItems } from '../store/items/encoded-items.ts';
import { archiveItems, deleteArchive, forgetOperations } from '../store/items/history.ts';
import { decodeItem } from '../store/items/item-json.ts';
import { type LockedChat, moveNextPosition } from '../store/items/locked-chat.ts';
import { forgetPoints } from '../store/items/points.ts';
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

/** Archives the history of a locked chat for good, what is set aside included, and forgets its operations. */
export async function clearHistory(tx: Queryable, chat: LockedChat): Promise<void> {
  await archiveItems(tx, chat);
  await forgetPoints(tx, chat);
  await forgetOperations(tx, chat);
  await moveNextPosition(tx, chat, 0);
}

/** As `clearHistory`, and removes the archive, too. */
export async function forgetHistory(tx: Queryable, chat: LockedChat): Promise<void> {
  await deleteItems(tx, chat);
  await clearHistory(tx, chat);
  await deleteArchive(tx, chat);
}

/** Archives the history of a locked chat for good, what is set aside included: `items` take its place. */
export async function replaceHistory(tx: Queryable, chat: LockedChat, items: EncodedItems): Promise<void> {
  await archiveItems(tx, chat);
  await forgetPoints(tx, chat);
  await insertItems(tx, chat, items);
  await moveNextPosition(tx, chat, items.texts.length);
}
