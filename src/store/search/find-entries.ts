import { type Queryable, query } from '../../driver/driver.ts';
import { LARGE_ITEM_BYTES } from './item-text.ts';
import type { Role } from './said.ts';

/** The newest so many that match are ranked. */
export const MAX_RANKED = 500;
/** Words that are in one of ten messages are found among the newest. */
const WALKED = 5_000;
/**
 * Of words one behind the other the index knows only that an entry has all of them: most entries may have to be read. Of
 * more than these, the newest are read first.
 */
const WALKED_FOR_PHRASES = 60_000;
/** In `WALKED` entries: with so many, `MAX_RANKED` are expected among ten times as many entries. */
const ENOUGH = MAX_RANKED / 10;
/** Of the texts of a page. */
const PAGE_BYTES = 2_000_000;

/** A place in what was found: the entry behind which to go on. */
export interface FoundPlace {
  readonly rank: number;
  /** When it was said, in microseconds since 1970, as text. */
  readonly moment: string;
  readonly chatId: string;
  readonly position: number;
}

/** A title or an item that matches. */
export interface FoundEntry extends FoundPlace {
  readonly role: Role | 'title';
  readonly createdAt: Date;
  readonly title: string | null;
  /** The JSON text of the item; null of a title, and of one that is large. */
  readonly text: string | null;
  /** Whether the item is there: it may have been taken out since it was indexed. */
  readonly isThere: boolean;
  /** Where its words have the stems that are looked for, from 1 on. */
  readonly places: Readonly<Record<string, readonly number[]>> | null;
}

/** What is looked for. */
export interface EntryQuery {
  /** As PostgreSQL reads a `tsquery`. */
  readonly words: string;
  /** The stems among them; empty: there are none. */
  readonly stems: readonly string[];
  /** Whether some of them stand one behind the other. */
  readonly hasPhrase: boolean;
  readonly withTools: boolean;
  readonly limit: number;
  readonly after: FoundPlace | undefined;
}

const NEWEST = 'created_at desc, chat_id desc, position desc';
const BEST = `rank desc, ${NEWEST}`;
const MATCHES = `e.words @@ $2::tsquery and (e.role <> 'tool' or $3) and not exists (
  select from chats d where d.user_id = $1 and d.chat_id = e.chat_id and not d.is_active)`;

const walk = (entries: number) => `(select chat_id, position, role, created_at, words from (
      select * from search_entries where user_id = $1 order by created_at desc limit ${entries}
    ) as e where ${MATCHES} order by ${NEWEST} limit ${MAX_RANKED})`;

/**
 * $1 user_id, $2 words, $3 with tools, $4 limit; $5 rank, $6 moment, $7 chat_id, $8 position behind which; $9 has phrase,
 * $10 stems.
 * Frequent words have enough matches among the newest entries; for others the index of words is asked, which gives all of them.
 */
const FIND_ENTRIES = `
  with walked as materialized ${walk(WALKED)}, way as materialized (
    select case when count(*) = ${MAX_RANKED} then 'walked'
      when $9 and count(*) >= ${ENOUGH} and (select user_id from search_entries where user_id = $1
        order by created_at desc offset ${WALKED_FOR_PHRASES} limit 1) is not null then 'walk on'
      else 'look up' end as name
    from walked
  ), walked_on as materialized (
    select * from ${walk(WALKED_FOR_PHRASES)} as w where (select name from way) = 'walk on'
  ), found as (
    select * from walked where (select name from way) = 'walked'
    union all
    select * from walked_on where (select count(*) from walked_on) = ${MAX_RANKED}
    union all
    (select * from (
      select chat_id, position, role, created_at, words from search_entries e where e.user_id = $1 and ${MATCHES} offset 0
    ) as m where (select name from way) <> 'walked' and (select count(*) from walked_on) < ${MAX_RANKED}
    order by ${NEWEST} limit ${MAX_RANKED})
  ), page as (
    select * from (
      select chat_id, position, role, created_at, words, ts_rank(words, $2::tsquery, 1)::float8 as rank from found
    ) as ranked
    where $5::float8 is null or (rank, created_at, chat_id, position)
      < ($5, to_timestamp(0) + $6::bigint * interval '1 microsecond', $7::text, $8::bigint)
    order by ${BEST} limit $4
  )
  select page.chat_id as "chatId", page.position::float8 as position, page.role, page.created_at as "createdAt", page.rank,
    (extract(epoch from page.created_at - to_timestamp(0)) * 1000000)::bigint::text as moment, c.title,
    case when sum(least(pg_column_size(i.item), ${LARGE_ITEM_BYTES})) over (order by ${BEST.replaceAll(/(\w+) desc/g, 'page.$1 desc')}) < ${PAGE_BYTES}
      and pg_column_size(i.item) < ${LARGE_ITEM_BYTES} then i.item::text end as text,
    page.role = 'title' or i.chat_id is not null as "isThere",
    case when cardinality($10::text[]) > 0 then (
      select json_object_agg(w.lexeme, w.positions) from unnest(page.words) as w where w.lexeme = any($10)
    ) end as places
  from page
  join chats c on c.user_id = $1 and c.chat_id = page.chat_id
  left join chat_items i on i.user_id = $1 and i.chat_id = page.chat_id and i.position = page.position
  order by ${BEST.replaceAll(/(\w+) desc/g, 'page.$1 desc')}`;

/** What of a user's active chats matches, the best first: of the newest `MAX_RANKED`. */
export function findEntries(
  db: Queryable,
  userId: string,
  { words, stems, hasPhrase, withTools, limit, after }: EntryQuery,
): Promise<FoundEntry[]> {
  const place = [after?.rank ?? null, after?.moment ?? null, after?.chatId ?? null, after?.position ?? null];
  // Without a name: a plan that is kept would be for any words, and reads far more for these.
  return query<FoundEntry>(db, {
    userId,
    text: FIND_ENTRIES,
    values: [userId, words, withTools, limit, ...place, hasPhrase, stems],
  });
}
