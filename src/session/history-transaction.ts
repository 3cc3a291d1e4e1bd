import { createHash } from 'node:crypto';
import { types } from 'node:util';
import type { AgentInputItem, SessionHistoryTransactionArgs } from '@openai/agents-core';
import type { Queryable } from '../driver/driver.ts';
import { invalidField, QuestlogError } from '../errors.ts';
import { assertId } from '../ids.ts';
import { deleteSuffix, insertItems } from '../store/items/chat-items.ts';
import { type EncodedItems, NO_ITEMS } from '../store/items/encoded-items.ts';
import { findOperation, recordOperation } from '../store/items/history.ts';
import { encodeItems } from '../store/items/item-json.ts';
import { type LockedChat, moveNextPosition } from '../store/items/locked-chat.ts';
import { getStoredItems } from '../store/items/read-items.ts';
import { forModel } from './for-model.ts';

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
  const { operationId, transaction } = readObject('args', args);
  assertId('operationId', operationId);
  if (operationId.trim() === '') throw invalidField('operationId', 'must not be blank');
  const { type, ...lists } = readObject('transaction', transaction);
  const expected = LISTS.get(type);
  if (expected === undefined)
    throw invalidField('transaction.type', 'must be append_items or replace_suffix');
  const unknown = Object.keys(lists).find((name) => !expected.includes(name));
  if (unknown !== undefined) throw invalidField(`transaction.${unknown}`, 'is not a field of this change');
  const encoded = new Map(
    expected.map((name) => [name, encodeList(`transaction.${name}`, Reflect.get(lists, name), maxItemBytes)]),
  );
  const { items = NO_ITEMS, expectedSuffix = NO_ITEMS, replacement = items } = Object.fromEntries(encoded);
  return withFingerprint(operationId, expectedSuffix, replacement, type);
}

/** By the type of a change, the lists that it has. */
const LISTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['append_items', ['items']],
  ['replace_suffix', ['expectedSuffix', 'replacement']],
]);

/** The members of an object, each read once: what has a getter that throws is refused. */
function readObject<Value extends object>(field: string, value: Value): Value {
  if (typeof value !== 'object' || value === null) throw invalidField(field, 'must be an object');
  try {
    return { ...value };
  } catch (error) {
    throw unreadable(field, error);
  }
}

/** A proxy can be another list each time it is read, so the SDK's `MemorySession` refuses it, too. */
function encodeList(field: string, list: readonly unknown[], maxItemBytes: number | undefined): EncodedItems {
  if (types.isProxy(list)) throw invalidField(field, 'must be a list, not a proxy');
  try {
    return encodeItems(list, { field, maxItemBytes });
  } catch (error) {
    throw error instanceof QuestlogError ? error : unreadable(field, error);
  }
}

function unreadable(field: string, cause: unknown): QuestlogError {
  const message = 'cannot be read';
  return new QuestlogError('invalid_request', `${field} ${message}`, { cause, errors: [{ field, message }] });
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

/**
 * The suffix is that of the items which the SDK was given. What an input guardrail refused stays where it is: nobody
 * who names the suffix has seen it.
 */
async function removeSuffix(tx: Queryable, chat: LockedChat, expected: EncodedItems): Promise<void> {
  const { length } = expected.texts;
  if (length === 0) return;
  const suffix = (await getStoredItems(tx, chat)).slice(-length);
  const matches =
    suffix.length === length &&
    suffix.every((stored, index) => canonical(stored.text) === canonical(expected.texts[index] as string));
  if (!matches) throw new QuestlogError('history_conflict', 'the end of the history is not the expected one');
  await deleteSuffix(tx, chat, suffix[0]?.position as number);
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

/**
 * The SDK compares items without regard to the order of keys (`structurallyEqual` of its `MemorySession`), and has a
 * plain message of the assistant in the form that it was given.
 */
function canonical(text: string): string {
  return JSON.stringify(sortKeys(forModel(JSON.parse(text) as AgentInputItem)));
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
