import { type Driver, type Queryable, query } from '../driver/driver.ts';
import { QuestlogError } from '../errors.ts';

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
}

/** A chat: its id may be that of another one, too, of another user. */
interface Place {
  readonly userId: string;
  readonly chatId: string;
}

/** Chats come first: everything else refers to them. */
const CHATS = 'chats';
/** What a user has of these stays when a chat goes. */
const OF_USERS = ['model_usage', 'usage_days'];

/**
 * Copies every chat with all that belongs to it, and what models were used for, into another database, in one transaction.
 * Both have been migrated.
 *
 * @param onChat is called with how many chats are copied, and how many there are.
 * @returns how many chats were copied.
 * @throws QuestlogError `invalid_request` when the target has chats already, or is not distributed and cannot take a chat
 * id of two users: nothing is written.
 */
export async function copyChats(
  from: Driver,
  to: Driver,
  onChat: (done: number, all: number) => void = () => undefined,
): Promise<number> {
  const columns = await listColumns(from);
  const chats = await query<Place>(from, {
    userId: null,
    text: 'select user_id as "userId", chat_id as "chatId" from chats order by user_id, chat_id',
  });
  if (!to.isDistributed) assertDistinct(chats);
  await to.transaction(async (tx) => {
    const existing = await query(tx, { userId: null, text: 'select 1 from chats limit 1' });
    if (existing.length > 0) throw new QuestlogError('invalid_request', 'the target has chats already');
    for (const [index, place] of chats.entries()) {
      for (const [table, ofTable] of columns)
        if (!OF_USERS.includes(table)) await copyRows(from, tx, table, ofTable, place);
      onChat(index + 1, chats.length);
    }
    for (const place of await listUsers(from))
      for (const table of OF_USERS) await copyRows(from, tx, table, columns.get(table) ?? [], place);
  }, null);
  return chats.length;
}

function assertDistinct(chats: readonly Place[]): void {
  const ids = new Set<string>();
  for (const { chatId } of chats) {
    if (ids.has(chatId)) {
      const message = `two users have a chat ${chatId}: the target has room for one, unless it is distributed`;
      throw new QuestlogError('invalid_request', message);
    }
    ids.add(chatId);
  }
}

/** Those who have used a model, or a run. */
async function listUsers(db: Queryable): Promise<Pick<Place, 'userId'>[]> {
  return query(db, {
    userId: null,
    text: 'select distinct user_id as "userId" from usage_days order by user_id',
  });
}

/** The columns of every table whose rows are copied, as the catalog knows them. */
async function listColumns(db: Queryable): Promise<Map<string, Column[]>> {
  const rows = await query<Column>(db, {
    userId: null,
    text: `select c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as type
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind = 'r' and a.attgenerated = '' and c.relnamespace = current_schema()::regnamespace
        and (c.relname = any($2)
          or exists (select from pg_attribute k where k.attrelid = c.oid and k.attname = 'chat_id'))
      order by c.relname <> $1, c.relname, a.attnum`,
    values: [CHATS, OF_USERS],
  });
  const tables = new Map<string, Column[]>();
  for (const row of rows) tables.set(row.table, [...(tables.get(row.table) ?? []), row]);
  return tables;
}

/** As text both ways: no number, time or JSON passes through JavaScript's types. Names come from the catalog. */
async function copyRows(
  from: Queryable,
  to: Queryable,
  table: string,
  columns: readonly Column[],
  { userId, chatId }: Pick<Place, 'userId'> & Partial<Place>,
): Promise<void> {
  const names = columns.map(({ name }) => name);
  const rows = await query<Record<string, string | null>>(from, {
    userId,
    text: `select ${names.map((name) => `${name}::text as ${name}`).join(', ')} from ${table}
      where user_id = $1 ${chatId === undefined ? '' : 'and chat_id = $2'}`,
    values: chatId === undefined ? [userId] : [userId, chatId],
  });
  if (rows.length === 0) return;
  await query(to, {
    userId,
    text: `insert into ${table} (${names.join(', ')})
      select ${columns.map(({ name, type }) => `${name}::${type}`).join(', ')}
      from unnest(${names.map((_, index) => `$${index + 1}::text[]`).join(', ')}) as t(${names.join(', ')})`,
    values: names.map((name) => rows.map((row) => row[name] ?? null)),
  });
}
