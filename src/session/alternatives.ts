import type { Queryable } from '../driver/driver.ts';
import { invalidField, QuestlogError } from '../errors.ts';
import { selectAlternative, setAside } from '../store/items/alternatives.ts';
import type { LockedChat } from '../store/items/locked-chat.ts';
import { findNewest } from '../store/items/read-items.ts';

/** Which of a chat's alternatives. */
export interface ListAlternativesOptions {
  /** Only those that were begun after this one. */
  readonly after?: number | undefined;
  /** How many at most. Default: 100. */
  readonly limit?: number | undefined;
}

/**
 * Sets aside the newest `count` items of those that a model gets.
 *
 * @throws QuestlogError `chat_busy`.
 */
export async function setNewestAside(tx: Queryable, chat: LockedChat, count: number): Promise<void> {
  assertFree(chat);
  const from = await findNewest(tx, chat, count);
  if (from !== undefined) await setAside(tx, chat, { from, to: Number.MAX_SAFE_INTEGER });
}

/**
 * Makes an alternative the current one.
 *
 * @throws QuestlogError `alternative_not_found`, `chat_busy`.
 */
export async function select(tx: Queryable, chat: LockedChat, alternativeId: number): Promise<void> {
  assertFree(chat);
  if (!(await selectAlternative(tx, chat, alternativeId))) throw alternativeNotFound(alternativeId);
}

/** @throws QuestlogError `invalid_request`. */
export function assertCount(field: string, value: unknown): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw invalidField(field, 'must be a whole number of at least 0');
}

export function alternativeNotFound(alternativeId: number): QuestlogError {
  return new QuestlogError('alternative_not_found', `the history has no alternative ${alternativeId}`);
}

/** What a run stores goes on from what it was given. */
function assertFree({ activeRun }: LockedChat): void {
  if (activeRun === null) return;
  throw new QuestlogError('chat_busy', 'a run is active on this chat', { details: { run_id: activeRun } });
}
