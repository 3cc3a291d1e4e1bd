import { type Queryable, query } from '../../driver/driver.ts';

/** A column of `chats` that goes along with a chat. */
export interface ChatColumn {
  readonly name: string;
  readonly type: string;
}

/** Of this database alone: whose the chat is, what runs on it, which run it is named after, and when watchers were last told what. */
const LEFT_BEHIND = [
  'user_id',
  'active_run',
  'run_epoch',
  'titled_by',
  'switched_at',
  'organised_at',
  'rewritten_at',
  'rewritten_from',
];

/** The columns of `chats` that a chat takes along, as the catalog knows them, by name. */
export function getChatColumns(db: Queryable): Promise<ChatColumn[]> {
  return query<ChatColumn>(db, {
    userId: null,
    name: 'get_chat_columns',
    text: `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type from pg_attribute a
      where a.attrelid = 'chats'::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        and a.attname <> all($1::text[])
      order by a.attname <> 'chat_id', a.attname`,
    values: [LEFT_BEHIND],
  });
}

/** A moment as text, to the microsecond, whatever the time zone of the connection. */
export const timeText = (column: string) =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
