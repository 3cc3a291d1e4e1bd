import { type Queryable, query } from '../../driver/driver.ts';
import type { PositionRange } from './alternatives.ts';

/** One of the ways in which a history has gone on from one of its points. */
export interface Alternative {
  /** Stays the same, and grows with the time at which it was begun. */
  readonly alternativeId: number;
  /** Where the history goes on behind the point: its first item there. Null: it ends at the point. */
  readonly position: number | null;
  /** Whether it is the one that the history goes on with. */
  readonly isCurrent: boolean;
  /** How many items are set aside with it. Null: it is the current one, and they are in the history. */
  readonly items: number | null;
  /** When it was begun. */
  readonly createdAt: Date;
}

/** What stands at a point of what was read. */
export interface Point {
  /** The first item behind it. Null: there is none. */
  readonly position: number | null;
  /** The ids of its alternatives, oldest first. */
  readonly ids: number[];
  readonly current: number;
  /** Whether all of them begin with the same item: they are answers to one message. */
  readonly beginAlike: boolean;
}

/**
 * The alternatives of a chat's history, oldest first: at most `limit` after the id `after`. A point with only one has none.
 */
export async function getAlternatives(
  db: Queryable,
  chatId: string,
  userId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<Alternative[]> {
  return query<Alternative>(db, {
    userId,
    text: `with placed as (
        select a.alternative_id, a.is_current, a.created_at, next.position, count(*) filter (where not a.is_current) over point as others,
          min(a.alternative_id) filter (where a.is_current) over point as current
        from alternatives a cross join lateral (
          select min(i.position) as position from chat_items i
          where i.chat_id = $1 and i.user_id = $2 and i.position > a.after_position
        ) as next
        where a.chat_id = $1 and a.user_id = $2 and a.inside is null
        window point as (partition by next.position)
      )
      select alternative_id::float8 as "alternativeId", position::float8 as position, is_current as "isCurrent",
        created_at as "createdAt", case when not is_current then (select count(*) from archived_items i
          where i.chat_id = $1 and i.user_id = $2 and i.alternative_id = placed.alternative_id)::float8 end as items
      from placed where others > 0 and (not is_current or alternative_id = current) and alternative_id > $3
      order by alternative_id limit $4`,
    values: [chatId, userId, after, limit],
  });
}

/** Of larger items nobody asks whether they are the same. */
const COMPARED_BYTES = 100_000;

/** $1 chat_id, $2 user_id, $3 and $4 the positions between which; of archived items: $5 alternative_id. */
const selectPoints = (source: 'chat_items' | 'archived_items') => {
  const isArchived = source === 'archived_items';
  const items = `${source} i where i.chat_id = $1 and i.user_id = $2${isArchived ? ' and i.alternative_id = $5' : ''}`;
  return `
  select next.position::float8 as position, (min(a.alternative_id) filter (where a.is_current))::float8 as current,
    json_agg(a.alternative_id) filter (where not a.is_current) as others,
    count(distinct first.text) = 1 and count(first.text) = count(*) as "beginAlike"
  from alternatives a cross join lateral (
    select min(i.position) as position from ${items} and i.position > a.after_position
  ) as next left join lateral (
    (select item::text as text from ${items} and i.position = next.position
      and a.is_current and pg_column_size(i.item) < ${COMPARED_BYTES})
    union all
    (select item::text from archived_items i where i.chat_id = $1 and i.user_id = $2 and i.alternative_id = a.alternative_id
      and not a.is_current and pg_column_size(i.item) < ${COMPARED_BYTES} order by i.position limit 1)
  ) as first on true
  where a.chat_id = $1 and a.user_id = $2 and ${isArchived ? 'a.inside = $5' : 'a.inside is null'} and a.after_position < $4
    and a.after_position >= coalesce((select max(i.position) from ${items} and i.position < $3), -1)
  group by next.position having bool_or(not a.is_current)
  order by next.position`;
};

const POINTS = { name: 'get_points', text: selectPoints('chat_items') };
const ARCHIVED_POINTS = { name: 'get_archived_points', text: selectPoints('archived_items') };

/**
 * The points before the items at these positions of a chat's history, or of an alternative that is set aside: with
 * `to` behind the last item, also the point there. A point with only one alternative is none.
 */
export async function getPoints(
  db: Queryable,
  chatId: string,
  userId: string,
  { from, to, inside }: PositionRange & { readonly inside?: number | undefined },
): Promise<Point[]> {
  const values = [chatId, userId, from, to];
  const rows = await query<Omit<Point, 'ids'> & { readonly others: number[] }>(db, {
    userId,
    ...(inside === undefined ? { ...POINTS, values } : { ...ARCHIVED_POINTS, values: [...values, inside] }),
  });
  return rows.map(({ others, ...point }) => ({
    ...point,
    ids: [...others, point.current].sort((one, other) => one - other),
  }));
}

/** Whether a chat has set this alternative aside. */
export async function isSetAside(
  db: Queryable,
  chatId: string,
  userId: string,
  alternativeId: number,
): Promise<boolean> {
  const rows = await query(db, {
    userId,
    text: `select 1 from archived_items
      where chat_id = $1 and user_id = $2 and alternative_id = $3 limit 1`,
    values: [chatId, userId, alternativeId],
  });
  return rows.length > 0;
}
