import fc from 'fast-check';
import { type Driver, query } from '../../src/driver/driver.ts';

export const USERS = ['ann', "O'Brien ß 😀"] as const;

const MINUTES = 365 * 24 * 60;
const moment = fc
  .integer({ min: 0, max: MINUTES })
  .map((minutes) => new Date(Date.UTC(2025, 0, 1) + minutes * 60_000).toISOString());
const words = fc.string({ unit: 'binary', maxLength: 12 });
const item = fc.oneof(
  words.map((text) => ({ type: 'message', role: 'user', content: `griffin ${text}` })),
  words.map((text) => ({
    ...{ type: 'message', role: 'assistant', status: 'completed' },
    content: [{ type: 'output_text', text }],
  })),
);

/** Of a chat, whatever the version that wrote it: what it had no column for is left out. */
export const olderChats = fc.array(
  fc.record({
    userId: fc.constantFrom(...USERS),
    title: fc.option(words.filter((text) => !text.includes('\0'))),
    isActive: fc.boolean(),
    createdAt: moment,
    updatedAt: moment,
    items: fc.array(item, { maxLength: 4 }),
    archived: fc.array(item, { maxLength: 2 }),
    status: fc.option(
      fc.constantFrom('completed', 'failed', 'cancelled', 'interrupted', 'awaiting_approval', 'running'),
    ),
    hasAlternative: fc.boolean(),
    isPinned: fc.boolean(),
    tags: fc.uniqueArray(fc.constantFrom('a', 'b c', 'ß'), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 5 },
);

export type OlderChat = (typeof olderChats extends fc.Arbitrary<infer Chats> ? Chats : never)[number];

export const idOf = (index: number) => `chat-${index}`;
export const runOf = (index: number) => `run-${index}`;

type Row = Readonly<Record<string, unknown>>;

/** Table by table, in the order in which they refer to each other, with all columns that any version had. */
export function toRows(
  chats: readonly OlderChat[],
): readonly (readonly [table: string, rows: readonly Row[]])[] {
  const each = (make: (chat: OlderChat, chat_id: string, index: number) => readonly Row[]) =>
    chats.flatMap((chat, index) =>
      make(chat, idOf(index), index).map((row) => ({ user_id: chat.userId, chat_id: idOf(index), ...row })),
    );
  const ofRun = (make: (chat: OlderChat, run_id: string) => readonly Row[]) =>
    chats.flatMap((chat, index) =>
      chat.status === null
        ? []
        : make(chat, runOf(index)).map((row) => ({ user_id: chat.userId, run_id: runOf(index), ...row })),
    );
  return [
    ['chats', each(toChat)],
    [
      'chat_items',
      each(({ items }) =>
        items.map((value, position) => ({ position, item: json(value), created_at: PAST })),
      ),
    ],
    ['archived_items', each(toArchived)],
    ['alternatives', each(toAlternatives)],
    [
      'history_operations',
      each((_, chat_id) => [{ operation_id: `operation of ${chat_id}`, fingerprint: 'f' }]),
    ],
    ['campaign_notes', each((_, chat_id) => [{ note_id: 'note', text: `What ${chat_id} said\n` }])],
    ['removed_chats', USERS.map((user_id) => ({ user_id, chat_id: 'gone', removed_at: PAST }))],
    ['runs', ofRun((chat, run_id) => [toRun(chat, run_id, chats)])],
    ['run_events', ofRun(() => [{ first_event: 1, last_event: 1, events: '[{"type":"done"}]' }])],
    ['run_states', ofRun(({ status }) => (status === 'awaiting_approval' ? [{ state: 'waits' }] : []))],
    ['idempotency_keys', ofRun((_, run_id) => [{ idempotency_key: `key of ${run_id}`, fingerprint: 'f' }])],
    [
      'search_chats',
      each(({ updatedAt }) => [{ format: 'old', version: updatedAt, last_position: -1, is_complete: false }]),
    ],
    ['user_retention', USERS.map((user_id) => ({ user_id, inactive_days: 365_000 }))],
    ['erasures', [{ erasure_id: 'erasure', erased_user: 'bob', erased_at: PAST, rows: '{"chats":3}' }]],
    ['model_usage', ofRun(() => [USAGE])],
    ['usage_days', USERS.map((user_id) => ({ user_id, day: USAGE.day, runs: 1, tokens: 12, cost: 0.5 }))],
  ];
}

/** Inserts what fits the tables and columns that there are. */
export async function insertOlder(db: Driver, chats: readonly OlderChat[]): Promise<void> {
  const columns = await readColumns(db);
  for (const [table, rows] of toRows(chats)) {
    const there = columns.get(table) ?? [];
    for (const row of rows) {
      const names = Object.keys(row).filter((name) => there.includes(name));
      if (names.length === 0) continue;
      await query(db, {
        text: `insert into ${table} (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
        values: names.map((name) => row[name]),
      });
    }
  }
}

/** Of each table, but for those that the database computes. */
export async function readColumns(db: Driver): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await query<{ name: string; columns: string[] }>(db, {
    text: `select c.relname as name, json_agg(a.attname order by a.attnum) as columns
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and c.relname <> 'questlog_migrations'
      group by c.relname order by c.relname`,
  });
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}

/** Every row of these columns, as text; but the column of the seed, which became rows, and how many these are. */
export async function readRows(
  db: Driver,
  columns: ReadonlyMap<string, readonly string[]>,
): Promise<Record<string, readonly string[]>> {
  const tables: Record<string, readonly string[]> = {};
  for (const [table, names] of columns) {
    const moved = names.includes('conversation') ? ['conversation', 'next_position'] : [];
    const kept = names.filter((name) => !moved.includes(name));
    const rows = await query<{ row: string }>(db, {
      text: `select row_to_json(r)::text as row from (select ${kept.join(', ')} from ${table}) as r order by 1`,
    });
    tables[table] = rows.map(({ row }) => row);
  }
  return tables;
}

const PAST = '2025-06-01T12:00:00.123456Z';
const USAGE = {
  ...{ day: '2025-06-01', model: 'm', writer: 'w', last_call: 1, requests: 1, unpriced_requests: 0 },
  ...{
    input_tokens: 5,
    cached_input_tokens: 1,
    output_tokens: 7,
    reasoning_tokens: 2,
    total_tokens: 12,
    cost: 0.5,
  },
};

const json = (value: unknown) => JSON.stringify(value);

function toChat(chat: OlderChat, _: string, index: number): readonly Row[] {
  const { title, isActive, items, archived, status, tags } = chat;
  return [
    {
      ...{ title, is_active: isActive, created_at: chat.createdAt, updated_at: chat.updatedAt },
      ...{ conversation: json(items), next_position: items.length + archived.length + 2 },
      ...{ active_run: status === 'running' ? runOf(index) : null, run_epoch: status === null ? 0 : 1 },
      ...{
        is_pinned: chat.isPinned,
        tags,
        metadata: '{"b":1,"a":"\\u0000"}',
        expires_at: '2999-01-01T00:00:00Z',
      },
    },
  ];
}

function toArchived({ items, archived, hasAlternative }: OlderChat): readonly Row[] {
  return archived.map((value, index) => ({
    ...{ position: items.length + index, item: json(value), created_at: PAST, archived_at: PAST },
    alternative_id: hasAlternative ? items.length + archived.length + 1 : null,
  }));
}

/** Before the first item, the history goes on in one way, and what is archived is the other one. */
function toAlternatives({ items, archived, hasAlternative }: OlderChat): readonly Row[] {
  if (!hasAlternative || archived.length === 0) return [];
  return [true, false].map((is_current, index) => ({
    ...{ alternative_id: items.length + archived.length + index, after_position: -1, is_current },
  }));
}

function toRun({ status, items }: OlderChat, run_id: string, chats: readonly OlderChat[]): Row {
  const chat_id = idOf(chats.findIndex((_, index) => runOf(index) === run_id));
  const isOver = status !== 'running' && status !== 'awaiting_approval';
  return {
    ...{ chat_id, agent: 'Dungeon Master', status, epoch: 1, lease_until: PAST, journal_from: items.length },
    ...{ last_event: 1, started_at: PAST, ended_at: isOver ? PAST : null },
  };
}
