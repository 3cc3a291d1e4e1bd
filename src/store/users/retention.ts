import { type Queryable, query } from '../../driver/driver.ts';
import { invalidField } from '../../errors.ts';
import { assertId } from '../../ids.ts';
import { type Checks, checkOptions, optional } from '../../options.ts';

/** A century. */
export const MAX_DAYS = 36_525;
/** What every driver writes as the database reads it: the years that RFC 3339 has, but for 0. */
const FIRST_TIME = Date.parse('0001-01-01T00:00:00Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/** For how many days what nobody uses is kept; undefined: until somebody removes it. */
export interface Retention {
  /** Of a chat since its last activity. A user may want fewer (`setUserRetention`). */
  readonly inactiveDays?: number | undefined;
  /** Of a chat since it was softly deleted. */
  readonly deletedDays?: number | undefined;
  /** Of an item since it was archived for good: by a compaction, or a clear. */
  readonly archivedDays?: number | undefined;
  /** Of a run since its end. Its items stay in their chat, its usage and outcome do not. */
  readonly runDays?: number | undefined;
  /** Of what models were used for, since its day of UTC. */
  readonly usageDays?: number | undefined;
}

const CHECKS: Checks<Retention> = {
  inactiveDays: optional(isDays),
  deletedDays: optional(isDays),
  archivedDays: optional(isDays),
  runDays: optional(isDays),
  usageDays: optional(isDays),
};

/** @throws QuestlogError `invalid_request` naming the option that is wrong. */
export function assertRetention(keep: Retention): void {
  checkOptions(keep, CHECKS, { name: 'keep' });
}

/** What a user has set; null: as the deployment has it. */
export async function getUserRetention(db: Queryable, userId: string): Promise<number | null> {
  assertId('user_id', userId);
  const rows = await query<{ inactiveDays: number }>(db, {
    userId,
    text: 'select inactive_days as "inactiveDays" from user_retention where user_id = $1',
    values: [userId],
  });
  return rows[0]?.inactiveDays ?? null;
}

/**
 * Sets after how many days without activity a chat of this user is removed; where the deployment removes it sooner, it does.
 *
 * @param inactiveDays 1 to 36,525; null: as the deployment has it.
 * @throws QuestlogError `invalid_request` naming `inactive_days`.
 */
export async function setUserRetention(
  db: Queryable,
  userId: string,
  inactiveDays: number | null,
): Promise<void> {
  assertId('user_id', userId);
  const problem = inactiveDays === null ? undefined : isDays(inactiveDays);
  if (problem !== undefined) throw invalidField('inactive_days', problem);
  await (inactiveDays === null
    ? query(db, { userId, text: 'delete from user_retention where user_id = $1', values: [userId] })
    : query(db, {
        userId,
        text: `insert into user_retention (user_id, inactive_days) values ($1, $2)
          on conflict (user_id) do update set inactive_days = excluded.inactive_days`,
        values: [userId, inactiveDays],
      }));
}

/**
 * Sets when a chat is to be gone; null: it stays. Until it is removed, by `purge`, it is there. It is no activity of the chat.
 *
 * @param expiresAt of the years 1 to 9999.
 * @returns false when this user has no such active chat.
 * @throws QuestlogError `invalid_request` naming `expires_at`.
 */
export async function setChatExpiry(
  db: Queryable,
  chatId: string,
  userId: string,
  expiresAt: Date | null,
): Promise<boolean> {
  assertId('chat_id', chatId);
  assertId('user_id', userId);
  if (expiresAt !== null) assertTime(expiresAt);
  const rows = await query(db, {
    userId,
    text: `update chats set expires_at = $3, organised_at = 'infinity'
      where chat_id = $1 and user_id = $2 and is_active returning chat_id`,
    values: [chatId, userId, expiresAt],
  });
  if (rows.length > 0) db.changes?.notify({ userId });
  return rows.length > 0;
}

function assertTime(at: unknown): void {
  const moment = at instanceof Date ? at.getTime() : Number.NaN;
  if (!(moment >= FIRST_TIME && moment <= LAST_TIME))
    throw invalidField('expires_at', 'must be a time of the years 1 to 9999, or null');
}

function isDays(value: unknown): string | undefined {
  const isRight = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_DAYS;
  return isRight ? undefined : `must be a whole number of days from 1 to ${MAX_DAYS}`;
}
