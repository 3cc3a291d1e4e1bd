import { type Queryable, query } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import { EncodedItems, toJsonTexts } from '../items/encoded-items.ts';
import type { ChatColumn } from './chat-columns.ts';
import type { CarriedAlternative, CarriedArchivedItem, CarriedItem } from './read-chat.ts';

/** A chat of one user. */
export interface ChatKey {
  readonly userId: string;
  readonly chatId: string;
}

/** What is written of an item: times that are not known are those of writing. */
export type NewItem = Omit<CarriedItem, 'hasMore' | 'createdAt' | 'text'> & {
  readonly text: string;
  readonly createdAt: string | undefined;
};
export type NewArchivedItem = NewItem &
  Pick<CarriedArchivedItem, 'alternativeId'> & { readonly archivedAt: string | undefined };
export type NewAlternative = Omit<CarriedAlternative, 'createdAt'> & {
  readonly createdAt: string | undefined;
};

/**
 * Nothing was written later than that: what is, watchers would take for new again and again. The least of it and a time
 * that is not known is it. A cluster takes no `clock_timestamp()` in an update.
 */
const NOW = 'statement_timestamp()';

/** The first chat of this user that has one of these ids, soft-deleted or not. */
export async function findChat(
  db: Queryable,
  userId: string,
  chatIds: readonly string[],
): Promise<string | undefined> {
  const rows = await query<{ chatId: string }>(db, {
    userId,
    name: 'find_chat',
    text: 'select chat_id as "chatId" from chats where user_id = $1 and chat_id = any($2::text[]) limit 1',
    values: [userId, chatIds],
  });
  return rows[0]?.chatId;
}

/** What is not written with the others: `finishChat` has the last word on it. */
const LAST = ['chat_id', 'next_position'];

/** Makes a chat with these columns, unless there is one with its id, whosever it is. */
export async function insertChat(
  tx: Queryable,
  { userId, chatId }: ChatKey,
  columns: readonly ChatColumn[],
  row: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const given = columns.filter(({ name }) => !LAST.includes(name) && row[name] !== undefined);
  const names = ['user_id', 'chat_id', ...given.map(({ name }) => name)].join(', ');
  const parameters = ['$1', '$2', ...given.map((column, index) => toParameter(column, index + 3))].join(', ');
  const rows = await query(tx, {
    userId,
    text: `insert into chats (${names}) values (${parameters})
      on conflict do nothing returning chat_id`,
    values: [userId, chatId, ...given.map(({ name, type }) => toValue(type, row[name]))],
  });
  return rows.length === 1;
}

function toParameter({ name, type }: ChatColumn, place: number): string {
  const value = type.endsWith('[]') ? `$${place}::${type}` : `$${place}::text::${type}`;
  if (name === 'created_at') return `least(${value}, ${NOW})`;
  // A trigger lets nobody set it but to what is later.
  return name === 'updated_at' ? `least(${value}, ${NOW}) - interval '1 microsecond'` : value;
}

function toValue(type: string, value: unknown): unknown {
  if (value === null) return null;
  if (type === 'json' || type === 'jsonb') return JSON.stringify(value);
  return type.endsWith('[]') ? value : String(value);
}

/** Says how many positions a new chat has taken, and when it was last changed: the clock of the database knows better. */
export async function finishChat(
  tx: Queryable,
  { userId, chatId }: ChatKey,
  { nextPosition, updatedAt }: { readonly nextPosition: number; readonly updatedAt: string | undefined },
): Promise<void> {
  await query(tx, {
    userId,
    name: 'finish_chat',
    text: `update chats set next_position = $3, updated_at = least($4::text::timestamptz, ${NOW})
      where user_id = $1 and chat_id = $2`,
    values: [userId, chatId, nextPosition, updatedAt ?? null],
  });
  tx.changes?.notify({ userId });
}

/** Writes items of a new chat at their positions. */
export async function insertCarriedItems(
  tx: Queryable,
  { userId, chatId }: ChatKey,
  items: readonly NewItem[],
): Promise<void> {
  const rows = await query<{ count: number }>(tx, {
    userId,
    name: 'insert_carried_items',
    text: `with inserted as (
        insert into chat_items (user_id, chat_id, position, created_at, run_id, is_blocked, feedback, item)
        select $1, $2, e.position, least(e.created_at::timestamptz, ${NOW}), e.run_id, e.is_blocked,
          e.feedback::json, e.item::json
        from rows from (unnest($3::bigint[]), unnest($4::text[]), unnest($5::text[]), unnest($6::boolean[]),
          unnest($7::text[]), json_array_elements_text($8::json)) as e(position, created_at, run_id, is_blocked, feedback, item)
        returning 1
      ) select count(*)::int as count from inserted`,
    values: [userId, chatId, ...toColumns(items)],
  });
  assertCount(rows[0]?.count, items.length);
}

/** Writes items of a new chat that are in its archive. */
export async function insertArchivedItems(
  tx: Queryable,
  { userId, chatId }: ChatKey,
  items: readonly NewArchivedItem[],
): Promise<void> {
  const rows = await query<{ count: number }>(tx, {
    userId,
    name: 'insert_archived_items',
    text: `with inserted as (
        insert into archived_items (user_id, chat_id, position, created_at, run_id, is_blocked, feedback, item,
          archived_at, alternative_id)
        select $1, $2, e.position, least(e.created_at::timestamptz, ${NOW}), e.run_id, e.is_blocked,
          e.feedback::json, e.item::json, least(e.archived_at::timestamptz, ${NOW}), e.alternative_id
        from rows from (unnest($3::bigint[]), unnest($4::text[]), unnest($5::text[]), unnest($6::boolean[]),
          unnest($7::text[]), json_array_elements_text($8::json), unnest($9::text[]), unnest($10::bigint[]))
          as e(position, created_at, run_id, is_blocked, feedback, item, archived_at, alternative_id)
        returning 1
      ) select count(*)::int as count from inserted`,
    values: [
      userId,
      chatId,
      ...toColumns(items),
      items.map(({ archivedAt }) => archivedAt ?? null),
      items.map(({ alternativeId }) => alternativeId),
    ],
  });
  assertCount(rows[0]?.count, items.length);
}

/** Writes the alternatives of a new chat. */
export async function insertAlternatives(
  tx: Queryable,
  { userId, chatId }: ChatKey,
  alternatives: readonly NewAlternative[],
): Promise<void> {
  const rows = await query<{ count: number }>(tx, {
    userId,
    name: 'insert_alternatives',
    text: `with inserted as (
        insert into alternatives (user_id, chat_id, alternative_id, after_position, inside, is_current, created_at)
        select $1, $2, e.alternative_id, e.after_position, e.inside, e.is_current,
          least(e.created_at::timestamptz, ${NOW})
        from unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[], $7::text[])
          as e(alternative_id, after_position, inside, is_current, created_at)
        returning 1
      ) select count(*)::int as count from inserted`,
    values: [
      userId,
      chatId,
      alternatives.map(({ alternativeId }) => alternativeId),
      alternatives.map(({ afterPosition }) => afterPosition),
      alternatives.map(({ inside }) => inside),
      alternatives.map(({ isCurrent }) => isCurrent),
      alternatives.map(({ createdAt }) => createdAt ?? null),
    ],
  });
  assertCount(rows[0]?.count, alternatives.length);
}

/** What is wrong with the archive and the alternatives of a new chat: what cannot be so would break it later. */
export async function findFlaw(tx: Queryable, { userId, chatId }: ChatKey): Promise<string | undefined> {
  const [found] = await query<{ isTwice: boolean; isLost: boolean; isOutside: boolean }>(tx, {
    userId,
    name: 'find_flaw',
    text: `with recursive reached as (
          select alternative_id from alternatives where user_id = $1 and chat_id = $2 and inside is null
          union
          select a.alternative_id from reached r join alternatives a
            on a.inside = r.alternative_id and a.user_id = $1 and a.chat_id = $2
        )
        select exists (select from archived_items a where a.user_id = $1 and a.chat_id = $2 and exists (
          select from chat_items i where i.user_id = $1 and i.chat_id = $2 and i.position = a.position)) as "isTwice",
        exists (select from archived_items i
          where i.user_id = $1 and i.chat_id = $2 and i.alternative_id is not null and not exists (
            select from alternatives a
            where a.user_id = $1 and a.chat_id = $2 and a.alternative_id = i.alternative_id)) as "isLost",
        exists (select from alternatives a where a.user_id = $1 and a.chat_id = $2
          and a.alternative_id not in (select alternative_id from reached)) as "isOutside"`,
    values: [userId, chatId],
  });
  if (found?.isTwice) return 'an archived item is at the position of another one';
  if (found?.isLost) return 'an archived item is of an alternative that is not there';
  return found?.isOutside ? 'an alternative is inside one that is not there' : undefined;
}

function toColumns(items: readonly NewItem[]): unknown[] {
  return [
    items.map(({ position }) => position),
    items.map(({ createdAt }) => createdAt ?? null),
    items.map(({ runId }) => runId),
    items.map(({ isBlocked }) => isBlocked),
    items.map(({ feedback }) => feedback),
    toJsonTexts(new EncodedItems(items.map(({ text }) => text))),
  ];
}

/** PGlite can drop rows without an error. */
function assertCount(written: number | undefined, count: number): void {
  if (written === count) return;
  throw new QuestlogError('database_failed', `the database wrote ${written} of ${count} rows`);
}
