import { type Queryable, query } from '../../driver/driver.ts';
import { invalidField } from '../../errors.ts';
import { assertId, assertText } from '../../ids.ts';
import { type Checks, checkOptions, isAnything } from '../../options.ts';

/** By what usage is summed up. */
export const USAGE_KEYS = ['day', 'model', 'chat', 'run'] as const;
/** A day, a model, a chat or a run. */
export type UsageKey = (typeof USAGE_KEYS)[number];

/** The most entries of a page. */
export const MAX_ENTRIES = 100;
/** The most days of a report. */
export const MAX_REPORT_DAYS = 366;
const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;

/** Of which days, by what, and which page. */
export interface UsageOptions {
  /** Default: by day. */
  readonly by?: UsageKey | undefined;
  /** The first day, of UTC, such as 2026-12-01. Default: 29 days before the last one. */
  readonly from?: string | undefined;
  /** The last day. Default: today. */
  readonly to?: string | undefined;
  /** 1 to 100 (the default). */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

/** What models were used for. */
export interface UsageSums {
  /** Runs with a call of a model. */
  readonly runs: number;
  /** Calls that a model began to answer. */
  readonly requests: number;
  /** Of these: whose cost is not known. */
  readonly unpricedRequests: number;
  /** What models were asked with. */
  readonly inputTokens: number;
  /** Of the input tokens. */
  readonly cachedInputTokens: number;
  /** What they gave. */
  readonly outputTokens: number;
  /** Of the output tokens. */
  readonly reasoningTokens: number;
  /** Both together. */
  readonly totalTokens: number;
  /** In the money of the prices, without what has none. Null: nothing has one. */
  readonly cost: number | null;
}

/** What was used on a day, of a model, in a chat or by a run. */
export interface UsageEntry extends UsageSums {
  /** Which. Null: in runs without memory. */
  readonly key: string | null;
}

/** A page of what a user has used. */
export interface UsageReport {
  /** By what it is summed up. */
  readonly by: UsageKey;
  /** The first day. */
  readonly from: string;
  /** The last day. */
  readonly to: string;
  /** Newest days and runs first; models and chats by their names. */
  readonly entries: readonly UsageEntry[];
  /** Of all days, all pages together. */
  readonly totals: UsageSums;
  /** For `after` of the next page. Undefined: there is none. */
  readonly next: string | undefined;
}

const OPTIONS: Checks<UsageOptions> = {
  by: isAnything,
  from: isAnything,
  to: isAnything,
  limit: isAnything,
  after: isAnything,
};

const KEYS: Readonly<Record<UsageKey, { readonly column: string; readonly isNewestFirst: boolean }>> = {
  day: { column: `to_char(day, 'YYYY-MM-DD')`, isNewestFirst: true },
  model: { column: 'model', isNewestFirst: false },
  chat: { column: `coalesce(chat_id, '')`, isNewestFirst: false },
  run: { column: 'run_id', isNewestFirst: true },
};

const sum = (column: string) => `coalesce(sum(${column}), 0)::float8`;
const SUMS = `count(distinct run_id)::float8 as runs, ${sum('requests')} as requests,
  ${sum('unpriced_requests')} as "unpricedRequests", ${sum('input_tokens')} as "inputTokens",
  ${sum('cached_input_tokens')} as "cachedInputTokens", ${sum('output_tokens')} as "outputTokens",
  ${sum('reasoning_tokens')} as "reasoningTokens", ${sum('total_tokens')} as "totalTokens", ${sum('cost')} as cost`;

interface Row extends Omit<UsageSums, 'cost'> {
  readonly place: number;
  readonly key: string;
  readonly cost: number;
}

/**
 * What a user's runs have used of models, in all chats, those that are removed included.
 *
 * @throws QuestlogError `invalid_request` naming the option that is wrong.
 * @example
 * const { totals, entries } = await getUsage(db, userId, { by: 'model', from: '2026-12-01', to: '2026-12-31' });
 */
export async function getUsage(
  db: Queryable,
  userId: string,
  options: UsageOptions = {},
): Promise<UsageReport> {
  assertId('user_id', userId);
  const { by, from, to, limit, after } = readOptions(options);
  const { column, isNewestFirst } = KEYS[by];
  const [comes, order] = isNewestFirst ? ['<', 'desc'] : ['>', 'asc'];
  // One statement: what is counted meanwhile is in the page and in the totals, or in neither.
  const [totals, ...found] = await query<Row>(db, {
    userId,
    text: `with page as (
        select ${column} collate "C" as key, ${SUMS} from model_usage
        where user_id = $1 and day between $2::date and $3::date
          and ($4::text is null or ${column} collate "C" ${comes} $4::text)
        group by 1 order by 1 ${order} limit $5
      ), totals as (
        select '' as key, ${SUMS} from model_usage where user_id = $1 and day between $2::date and $3::date
      )
      select 0 as place, totals.* from totals
      union all select (row_number() over (order by page.key ${order}))::int, page.* from page order by 1`,
    values: [userId, from, to, after ?? null, limit + 1],
    isLarge: true,
  });
  const entries = found.slice(0, limit);
  const next = found.length > limit ? entries.at(-1)?.key : undefined;
  return {
    by,
    from,
    to,
    entries: entries.map((row) => ({
      key: by === 'chat' && row.key === '' ? null : row.key,
      ...toSums(row),
    })),
    totals: toSums(totals as Row),
    next,
  };
}

function toSums({ place: _place, key: _key, cost, ...sums }: Row): UsageSums {
  const isUnknown = sums.requests > 0 && sums.unpricedRequests === sums.requests;
  return { ...sums, cost: isUnknown ? null : cost };
}

function readOptions(options: UsageOptions) {
  checkOptions(options, OPTIONS);
  const { by = 'day', limit = MAX_ENTRIES, after, to = toDay(Date.now()) } = options;
  if (!USAGE_KEYS.includes(by)) throw invalidField('by', `must be one of ${USAGE_KEYS.join(', ')}`);
  if (!(Number.isSafeInteger(limit) && limit >= 1 && limit <= MAX_ENTRIES))
    throw invalidField('limit', `must be a whole number from 1 to ${MAX_ENTRIES}`);
  const last = readDay('to', to);
  const from = options.from ?? toDay(Math.max(last - (DEFAULT_DAYS - 1) * DAY_MS, FIRST_DAY));
  const first = readDay('from', from);
  if (first > last) throw invalidField('from', 'must not be after the last day');
  if (last - first >= MAX_REPORT_DAYS * DAY_MS)
    throw invalidField('from', `must be at most ${MAX_REPORT_DAYS} days before the last one, that included`);
  if (after !== undefined) {
    if (typeof after !== 'string') throw invalidField('after', 'must be what the page before gave');
    assertText('after', after);
  }
  return { by, from, to, limit, after };
}

const FIRST_DAY = Date.parse('0001-01-01');

/** Its first moment. */
function readDay(field: string, day: unknown): number {
  const moment = typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN;
  // JavaScript takes the 30th of February for a day of March.
  if (!(moment >= FIRST_DAY) || toDay(moment) !== day)
    throw invalidField(field, 'must be a day such as 2026-12-01');
  return moment;
}

/** Of UTC. */
export function toDay(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}
