import { type Callable, nameFunction } from '../callable.ts';
import { CREATE_CHAT } from '../chats/create-chat.ts';
import { FORK_CHAT } from '../chats/fork-chat.ts';
import { APPEND_ITEMS, APPEND_TO_NEW_CHAT } from '../items/append-items.ts';
import { BEGIN_RUN, BEGIN_RUN_WITHOUT_CHAT } from '../runs/begin-run.ts';
import { END_RUN, END_RUN_WITHOUT_CHAT } from '../runs/end-run.ts';
import { APPEND_RUN_ITEMS } from '../runs/run-items.ts';
import { COUNT_CALL } from '../usage/count-call.ts';

/** A part of the distribution: a transaction of its own. */
export interface Step {
  /** For people. */
  readonly name: string;
  /** Sent one by one: Citus sends the text of a whole script to its nodes. */
  readonly statements: readonly string[];
}

/** The first one decides where the others are: all rows of a user on one node. */
export const TABLES = [
  ...[
    'chats',
    'chat_items',
    'archived_items',
    'alternatives',
    'history_operations',
    'campaign_notes',
    'runs',
  ],
  ...['run_events', 'run_states', 'idempotency_keys', 'removed_chats', 'chat_counts'],
  ...[
    'search_chats',
    'search_entries',
    'search_embedded',
    'search_embeddings',
    'user_retention',
    'model_usage',
    'usage_days',
  ],
];

/** By the table that refers: the name of its constraint, its columns and the table to which it refers. */
const REFERENCES: Readonly<Record<string, readonly [constraint: string, columns: string, to: string]>> = {
  chat_items: ['chat_items_of_chat', 'user_id, chat_id', 'chats'],
  archived_items: ['archived_items_of_chat', 'user_id, chat_id', 'chats'],
  alternatives: ['alternatives_of_chat', 'user_id, chat_id', 'chats'],
  history_operations: ['history_operations_of_chat', 'user_id, chat_id', 'chats'],
  campaign_notes: ['campaign_notes_of_chat', 'user_id, chat_id', 'chats'],
  search_chats: ['search_chats_of_chat', 'user_id, chat_id', 'chats'],
  search_entries: ['search_entries_of_chat', 'user_id, chat_id', 'search_chats'],
  search_embedded: ['search_embedded_of_chat', 'user_id, chat_id', 'chats'],
  search_embeddings: ['search_embeddings_of_chat', 'user_id, chat_id', 'search_embedded'],
  runs: ['runs_of_chat', 'user_id, chat_id', 'chats'],
  run_events: ['run_events_of_run', 'user_id, run_id', 'runs'],
  run_states: ['run_states_of_run', 'user_id, run_id', 'runs'],
  idempotency_keys: ['idempotency_keys_of_run', 'user_id, run_id', 'runs'],
};

/**
 * The key of a distributed table begins with what it is distributed by. References come back at the end, and so do the
 * triggers that need another form, or would note the rows that move as new.
 */
const TAKE_KEYS_APART = [
  ...Object.entries(REFERENCES).map(
    ([table, [name]]) => `alter table ${table} drop constraint if exists ${name}`,
  ),
  'drop trigger note_deletion on chat_items',
  'drop trigger note_replacement on chat_items',
  'drop trigger note_removal on chats',
  'drop trigger count_new_chat on chats',
  'drop trigger count_removed_chat on chats',
  'drop trigger count_changed_chat on chats',
  'drop trigger forget_chat_counts on chats',
  'drop function conversation(chats)',
  'drop index chats_of_user',
  'alter table chats drop constraint chats_pkey, add constraint chats_pkey primary key (user_id, chat_id)',
];

/** As the migrations make them, but for each row, since a statement has no list of its rows on a node; a user stays who it is. */
const MAKE_TRIGGERS = [
  // The first row of a chat in a transaction stands for those behind it: a chat is not written once for each of its items.
  `create or replace function note_rewrite() returns trigger language plpgsql as $$
declare
  moment timestamptz := clock_timestamp();
  a_minute_ago timestamptz := moment - interval '1 minute';
  chat text := jsonb_build_array(old.user_id, old.chat_id);
begin
  if current_setting('questlog.rewritten_chat', true) = chat then
    if current_setting('questlog.rewritten_from')::bigint <= old.position then return null; end if;
  end if;
  perform set_config('questlog.rewritten_chat', chat, true), set_config('questlog.rewritten_from', old.position::text, true);
  update chats c set rewritten_at = moment,
    rewritten_from = case when c.rewritten_at > a_minute_ago
      then least(c.rewritten_from, old.position) else old.position end
  where c.user_id = old.user_id and c.chat_id = old.chat_id;
  return null;
end $$`,
  `create or replace function note_removal() returns trigger language plpgsql as $$
begin
  insert into removed_chats (user_id, chat_id) values (old.user_id, old.chat_id)
  on conflict (user_id, chat_id) do update set removed_at = excluded.removed_at;
  return null;
end $$`,
  `create or replace trigger note_deletion after delete on chat_items for each row execute function note_rewrite()`,
  `create or replace trigger note_replacement after update on chat_items for each row execute function note_rewrite()`,
  `create or replace trigger note_removal after delete on chats for each row execute function note_removal()`,
  `create or replace trigger count_new_chat after insert on chats for each row execute function count_chat()`,
  `create or replace trigger count_removed_chat after delete on chats for each row execute function count_chat()`,
  `create or replace trigger count_changed_chat after update of is_active on chats for each row
  when (old.is_active is distinct from new.is_active) execute function count_chat()`,
];

/** Of chats that a server which nobody stopped has made since the triggers went away; writers wait for the end of this step. */
const COUNT_ANEW = [
  'delete from chat_counts',
  `insert into chat_counts (user_id, change_id, active, inactive)
  select user_id, '00000000-0000-0000-0000-000000000000', count(*) filter (where is_active), count(*) filter (where not is_active)
  from chats group by user_id`,
];

/** All statements that are functions on a cluster. */
export const CALLABLES = [
  CREATE_CHAT,
  FORK_CHAT,
  APPEND_ITEMS,
  APPEND_TO_NEW_CHAT,
  APPEND_RUN_ITEMS,
  BEGIN_RUN,
  BEGIN_RUN_WITHOUT_CHAT,
  END_RUN,
  END_RUN_WITHOUT_CHAT,
  COUNT_CALL,
];

/** How far the distribution of a database is. */
export interface Progress {
  /** The schema of the tables, as SQL. */
  readonly path: string;
  /** Whether the key of chats begins with their user. */
  readonly hasKeys: boolean;
  readonly hasReferences: boolean;
  readonly hasTriggers: boolean;
  /** Whether the coordinator still has the rows that were copied to the nodes. */
  readonly hasCopies: boolean;
  /** Those that are distributed. */
  readonly tables: readonly string[];
  /** Those that there are. */
  readonly functions: readonly string[];
}

/** The steps that are not done. */
export function listSteps(progress: Progress): Step[] {
  const { path, hasKeys, hasReferences, hasTriggers, hasCopies, tables, functions } = progress;
  const steps: (Step & { readonly isDone: boolean })[] = [
    { name: 'begin the key of chats with their user', isDone: hasKeys, statements: TAKE_KEYS_APART },
    ...TABLES.map((table) => ({
      name: `distribute ${table} by user_id`,
      isDone: tables.includes(table),
      statements: [distributeTable(table, table === 'chats' ? 'none' : 'chats')],
    })),
    {
      name: 'take the rows that were copied off the coordinator',
      isDone: !hasCopies,
      statements: TABLES.map((table) => `select truncate_local_data_after_distributing_table('${table}')`),
    },
    {
      name: 'let rows refer to each other',
      isDone: hasReferences,
      statements: Object.entries(REFERENCES).map(addReference),
    },
    {
      name: 'make the triggers',
      isDone: hasTriggers,
      statements: [...MAKE_TRIGGERS, ...TRIGGER_FUNCTIONS.map((name) => setPath(name, path)), ...COUNT_ANEW],
    },
    ...CALLABLES.map((callable) => ({
      name: `make a function of ${callable.name}`,
      isDone: functions.includes(nameFunction(callable)),
      statements: makeFunction(callable, path),
    })),
  ];
  return steps.filter(({ isDone }) => !isDone);
}

const TRIGGER_FUNCTIONS = ['note_rewrite()', 'note_removal()'];

function distributeTable(table: string, place: 'none' | 'chats'): string {
  return `select create_distributed_table('${table}', 'user_id', colocate_with => '${place}')`;
}

function addReference([table, [name, columns, to]]: [string, readonly [string, string, string]]): string {
  return `alter table ${table} add constraint ${name} foreign key (${columns}) references ${to} (${columns}) on delete cascade`;
}

function setPath(name: string, path: string): string {
  return `alter function ${name} set search_path = ${path}, pg_temp`;
}

/** Its parameters have numbers only: a name would be mistaken for a column. */
function makeFunction(callable: Callable, path: string): string[] {
  const { takes, user, gives, body } = callable;
  const signature = `${nameFunction(callable)}(${takes.join(', ')})`;
  return [
    `create function ${signature} returns table (${gives}) language plpgsql set search_path = ${path}, pg_temp as $$
      #variable_conflict use_column
      ${body.trim()} $$`,
    `select create_distributed_function('${signature}', '$${user}', colocate_with => 'chats')`,
  ];
}
