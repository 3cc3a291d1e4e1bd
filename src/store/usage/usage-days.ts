import { type Queryable, query } from '../../driver/driver.ts';

/** What a user has used in a day. */
export interface UsedToday {
  /** Runs that have begun under a limit. */
  readonly runs: number;
  readonly tokens: number;
  readonly cost: number;
}

/** How much of each a user may use in a day; what is not named has no limit. */
export interface DayLimits {
  /** Runs that begin. */
  readonly runs?: number | undefined;
  /** Tokens of models, of input and output together. */
  readonly tokens?: number | undefined;
  /** In the money of the prices. What has no price costs nothing here. */
  readonly cost?: number | undefined;
}

/** @param day of UTC, such as 2026-12-01. */
export async function getUsageOfDay(db: Queryable, userId: string, day: string): Promise<UsedToday> {
  const rows = await query<UsedToday>(db, {
    userId,
    name: 'get_usage_of_day',
    text: `select runs::float8 as runs, tokens::float8 as tokens, cost::float8 as cost from usage_days
      where user_id = $1 and day = $2::date`,
    values: [userId, day],
  });
  return rows[0] ?? { runs: 0, tokens: 0, cost: 0 };
}

/**
 * Counts a run that is to begin, if these limits, none of which is 0, leave room for one: of several at the same time no more
 * than there is room for.
 */
export async function takeRun(
  db: Queryable,
  userId: string,
  day: string,
  { runs, tokens, cost }: DayLimits,
): Promise<boolean> {
  const rows = await query(db, {
    userId,
    name: 'take_run',
    text: `insert into usage_days as d (user_id, day, runs) values ($1, $2::date, 1)
      on conflict (user_id, day) do update set runs = d.runs + 1
      where ($3::bigint is null or d.runs < $3::bigint) and ($4::bigint is null or d.tokens < $4::bigint)
        and ($5::float8 is null or d.cost::float8 < $5::float8)
      returning d.runs`,
    values: [userId, day, runs ?? null, tokens ?? null, cost ?? null],
  });
  return rows.length > 0;
}

/** Of one that has not begun after all. */
export async function giveRunBack(db: Queryable, userId: string, day: string): Promise<void> {
  await query(db, {
    userId,
    text: 'update usage_days set runs = runs - 1 where user_id = $1 and day = $2::date and runs > 0',
    values: [userId, day],
  });
}
