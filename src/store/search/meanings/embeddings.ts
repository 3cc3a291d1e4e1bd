import { createHash } from 'node:crypto';
import { type Queryable, query } from '../../../driver/driver.ts';
import { LARGE_ITEM_BYTES } from '../item-text.ts';
import { readSaid, type Said } from '../said.ts';
import { likeness, type StoredVector } from './vectors.ts';

/** Characters of a message that are embedded: what models take at once. */
const MAX_CHARACTERS = 8_000;
/** Of the nearest by their signs so many are put in order by their numbers. */
const MAX_NEAR = 400;
/** The texts of a search that are read. */
const TEXT_BYTES = 2_000_000;

/** What of an item is embedded: what people and agents said. Undefined: nothing. */
export function toMeaningful(said: Said | undefined): string | undefined {
  const text = said?.role === 'tool' ? '' : (said?.text.slice(0, MAX_CHARACTERS).toWellFormed().trim() ?? '');
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(text) ? text : undefined;
}

/** Tells texts apart. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The hashes of a chat's embeddings between two positions, both included. */
export async function getHashes(
  db: Queryable,
  userId: string,
  chatId: string,
  [from, to]: readonly [number, number],
): Promise<Map<number, string>> {
  const rows = await query<{ position: number; hash: string }>(db, {
    userId,
    text: `select position::float8 as position, hash from search_embeddings
      where user_id = $1 and chat_id = $2 and position between $3 and $4`,
    values: [userId, chatId, from, to],
  });
  return new Map(rows.map(({ position, hash }) => [position, hash]));
}

/** An item with its embedding. */
export interface Embedding extends StoredVector {
  readonly position: number;
  readonly hash: string;
}

/** Leaves between two positions, both included, the embeddings that are to stay, and adds others. */
export async function putEmbeddings(
  tx: Queryable,
  userId: string,
  chatId: string,
  [from, to]: readonly [number, number],
  stay: readonly number[],
  added: readonly Embedding[],
): Promise<void> {
  await query(tx, {
    userId,
    text: `delete from search_embeddings
      where user_id = $1 and chat_id = $2 and position between $3 and $4 and position <> all($5::bigint[])`,
    values: [userId, chatId, from, to, stay],
  });
  if (added.length === 0) return;
  await query(tx, {
    userId,
    text: `insert into search_embeddings (user_id, chat_id, position, hash, bits, vector)
      select $1, $2, e.position, e.hash, e.bits::bit varying, decode(e.vector, 'base64')
      from unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) as e(position, hash, bits, vector)`,
    values: [
      userId,
      chatId,
      added.map(({ position }) => position),
      added.map(({ hash }) => hash),
      added.map(({ bits }) => bits),
      added.map(({ bytes }) => Buffer.from(bytes.buffer).toString('base64')),
    ],
  });
}

/** An item that means what is looked for. */
export interface NearItem {
  readonly chatId: string;
  readonly position: number;
  readonly hash: string;
  /** From -1 to 1. */
  readonly likeness: number;
}

/** What in a user's active chats is nearest to an embedding of this model, the nearest first. */
export async function findNear(
  db: Queryable,
  userId: string,
  format: string,
  { bits, bytes }: StoredVector,
): Promise<NearItem[]> {
  const rows = await query<Omit<NearItem, 'likeness'> & { vector: string }>(db, {
    userId,
    text: `select m.chat_id as "chatId", m.position::float8 as position, m.hash, encode(m.vector, 'base64') as vector
      from search_embeddings m
      where m.user_id = $1
        and m.chat_id in (select chat_id from search_embedded where user_id = $1 and format = $2)
        and m.chat_id in (select chat_id from chats where user_id = $1 and is_active)
      order by bit_count(m.bits # $3::bit varying) limit ${MAX_NEAR}`,
    values: [userId, format, bits],
  });
  return rows
    .map(({ vector, ...item }) => {
      const stored = new Int8Array(Buffer.from(vector, 'base64'));
      return { ...item, likeness: likeness(bytes, stored) };
    })
    .sort((one, other) => other.likeness - one.likeness);
}

/** An item that was found by what it means. */
export interface NearEntry {
  readonly chatId: string;
  readonly title: string | null;
  readonly position: number;
  readonly createdAt: Date;
  /** When it was said, in microseconds since 1970, as text. */
  readonly moment: string;
  readonly said: Said;
}

/** The items as they are now, without those that say something else by now, or are gone, or large. */
export async function readNear(
  db: Queryable,
  userId: string,
  near: readonly NearItem[],
): Promise<NearEntry[]> {
  const rows = await query<Omit<NearEntry, 'said'> & { hash: string; text: string | null }>(db, {
    userId,
    text: `select i.chat_id as "chatId", c.title, i.position::float8 as position, i.created_at as "createdAt",
        (extract(epoch from i.created_at - to_timestamp(0)) * 1000000)::bigint::text as moment, n.hash,
        case when pg_column_size(i.item) < ${LARGE_ITEM_BYTES}
          and sum(pg_column_size(i.item)) over (order by n.nth) < ${TEXT_BYTES} then i.item::text end as text
      from unnest($2::text[], $3::bigint[], $4::text[]) with ordinality as n(chat_id, position, hash, nth)
      join chat_items i on i.user_id = $1 and i.chat_id = n.chat_id and i.position = n.position and not i.is_blocked
      join chats c on c.user_id = $1 and c.chat_id = n.chat_id and c.is_active
      order by n.nth`,
    values: [
      userId,
      near.map(({ chatId }) => chatId),
      near.map(({ position }) => position),
      near.map(({ hash }) => hash),
    ],
  });
  return rows.flatMap(({ text, hash, ...entry }) => {
    const said = text === null ? undefined : readSaid(text);
    const meaningful = toMeaningful(said);
    return said === undefined || meaningful === undefined || hashText(meaningful) !== hash
      ? []
      : [{ ...entry, said }];
  });
}
