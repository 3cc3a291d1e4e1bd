import { createHash } from 'node:crypto';
import type { SessionHistoryTransactionArgs } from '@openai/agents-core';
import type { Queryable } from '../driver/driver.ts';
import { invalidField, QuestlogError } from '../errors.ts';
import { assertId } from '../ids.ts';
import { deleteItems, insertItems } from '../store/items/chat-items.ts';
import { findOperation, recordOperation } from '../store/items/history.ts';
import { type EncodedItems, encodeItems, NO_ITEMS } from '../store/items/item-json.ts';
import { type LockedChat, moveNextPosition } from '../store/items/locked-chat.ts';
import { getStoredItems } from '../store/items/read-items.ts';

/** A history transaction of the SDK, checked and in its stored form. An append expects an empty suffix. */
export interface HistoryTransaction {
  readonly operationId: string;
  readonly expectedSuffix: EncodedItems;
  readonly replacement: EncodedItems;
  readonly fingerprint: string;
}

/**
 * Checks a transaction before anything is touched.
 *
 * @throws QuestlogError `invalid_request`, `invalid_item`, `item_too_large`.
 */
export function readTransaction(
  args: SessionHistoryTransactionArgs,
  maxItemBytes: number | undefined,
): HistoryTransaction {
  const { operationId, transaction } = args;
  assertId('operationId', operationId);
  if (operationId.trim() === '') throw invalidField('operationId', 'must not be blank');
  const encode = (field: string, items: readonly unknown[]) => encodeItems(items, { field, maxItemBytes });
  switch (transaction.type) {
    case 'append_items': {
      const replacement = encode('transaction.items', transaction.items);
      return withFingerprint(operationId, NO_ITEMS, replacement, transaction.type);
    }
    case 'replace_suffix': {
      const expectedSuffix = encode('transaction.expectedSuffix', transaction.expectedSuffix);
      const replacement = encode('transaction.replacement', transaction.replacement);
      return withFingerprint(operationId, expectedSuffix, replacement, transaction.type);
    }
    default:
      throw invalidField('transaction.type', 'must be append_items or replace_suffix');
  }
}

/**
 * Applies a transaction to a locked chat, unless the chat has seen it.
 *
 * @throws QuestlogError `history_conflict`; the chat is as it was.
 */
export async function applyTransaction(
  tx: Queryable,
  chat: LockedChat,
  transaction: HistoryTransaction,
): Promise<void> {
  const seen = await findOperation(tx, chat, transaction.operationId);
  if (seen === transaction.fingerprint) return;
  if (seen !== undefined) {
    throw new QuestlogError('history_conflict', 'this operation was already applied with another change');
  }
  await removeSuffix(tx, chat, transaction.expectedSuffix);
  await insertItems(tx, chat, transaction.replacement);
  await moveNextPosition(tx, chat, transaction.replacement.texts.length);
  await recordOperation(tx, chat, transaction.operationId, transaction.fingerprint);
}

async function removeSuffix(tx: Queryable, chat: LockedChat, expected: EncodedItems): Promise<void> {
  const { length } = expected.texts;
  if (length === 0) return;
  const suffix = (await getStoredItems(tx, chat)).slice(-length);
  const matches =
    suffix.length === length &&
    suffix.every((stored, index) => canonical(stored.text) === canonical(expected.texts[index] as string));
  if (!matches) throw new QuestlogError('history_conflict', 'the end of the history is not the expected one');
  await deleteItems(tx, chat, suffix[0]?.position);
}

function withFingerprint(
  operationId: string,
  expectedSuffix: EncodedItems,
  replacement: EncodedItems,
  type: string,
): HistoryTransaction {
  const content = [type, ...[expectedSuffix, replacement].map(({ texts }) => texts.map(canonical))];
  const fingerprint = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return { operationId, expectedSuffix, replacement, fingerprint };
}

/** The SDK compares items without regard to the order of keys (`structurallyEqual` of its `MemorySession`). */
function canonical(text: string): string {
  return JSON.stringify(sortKeys(JSON.parse(text)));
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  // A list of pairs, since an object would move keys that look like numbers and lose `__proto__`.
  return {
    pairs: Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key as keyof typeof value])]),
  };
}
