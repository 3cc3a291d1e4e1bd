import { invalidField, QuestlogError } from '../../errors.ts';
import { quoteSchema } from '../schema.ts';
import { sqlstateOf } from '../sqlstate.ts';
import type { ConnectionPool } from './connection-pool.ts';

/** The server ends a statement before the client gives its silence up. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Who waits for a row holds a connection. Longer than the longest honest change of a chat takes on a busy machine. */
const LOCK_TIMEOUT_MS = 10_000;
const MIN_SERVER_VERSION = 140_000;

const OPTIONS =
  '-c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off ' +
  `-c statement_timeout=${STATEMENT_TIMEOUT_MS} -c lock_timeout=${LOCK_TIMEOUT_MS}`;

const BEGIN = 'begin isolation level read committed';
const LIMITS = `set local statement_timeout = ${STATEMENT_TIMEOUT_MS}; set local lock_timeout = ${LOCK_TIMEOUT_MS}`;

/** Inside a transaction: a script may have to wait longer than any statement, for another process's migration. */
export const WITHOUT_LIMITS = 'set local statement_timeout = 0; set local lock_timeout = 0';

/** How statements get their isolation level and their time limits on this way to a server. */
export interface SettingsMode {
  readonly begin: string;
  /** Whether also a statement without a transaction has them; else it needs one. */
  readonly areEverywhere: boolean;
}

/** What there is to know of a server before it is used. */
export interface ServerFacts extends SettingsMode {
  /** Whether the tables are distributed by user. */
  readonly isDistributed: boolean;
}

const INSPECT = `
  select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
    -- What a session has set holds there alone, and a pooler has many.
    bool_and(source <> 'session' and case name
      when 'statement_timeout' then setting::int between 1 and ${STATEMENT_TIMEOUT_MS}
      when 'lock_timeout' then setting::int between 1 and ${LOCK_TIMEOUT_MS}
      when 'default_transaction_read_only' then setting = 'off'
      when 'search_path' then $1::text is null or trim('"' from setting) = $1
      else setting = 'read committed' end) as "areEverywhere",
    -- A standby is read-only whatever is set, and refuses to be told otherwise.
    current_setting('default_transaction_read_only')::bool and not pg_is_in_recovery() as "isReadOnly",
    -- Where each user has chat ids of their own, the key has two columns.
    exists (select from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      where k.contype = 'p' and cardinality(k.conkey) = 2 and c.relname = 'chats'
        and case when $1::text is null then c.oid = to_regclass('chats') else n.nspname = $1 end) as "isDistributed"
  from pg_settings where name in ('default_transaction_isolation', 'default_transaction_read_only',
    'statement_timeout', 'lock_timeout', case when $1::text is null then '' else 'search_path' end)`;

interface Inspection extends Omit<ServerFacts, 'begin'> {
  readonly version: number;
  readonly encoding: string;
  /** Whether transactions have to say that they write. */
  readonly isReadOnly: boolean;
}

/**
 * `url` with the settings as start-up options, behind those of its own. They belong to the connection: nothing has to be
 * sent for them, and nobody else gets them.
 */
export function addStartupOptions(url: string, schema: string | undefined): string {
  const [, query = ''] = url.split('?');
  // biome-ignore lint/style/noProcessEnv: `pg` takes its options from there when the URL has none, and would not beside ours.
  const own = new URLSearchParams(query).getAll('options').at(-1) ?? process.env.PGOPTIONS ?? '';
  // Of a parameter that is there twice, the last one counts.
  const path = schema === undefined ? '' : ` -c search_path=${schema}`;
  return `${url}${url.includes('?') ? '&' : '?'}options=${encodeURIComponent(`${own} ${OPTIONS}${path}`.trim())}`;
}

/** Whether it was the start-up options that kept a pooler from connecting: protocol_violation, feature_not_supported. */
export function isOptionsRefusal(error: unknown): boolean {
  return error instanceof QuestlogError && /^(08P01|0A000)$/.test(sqlstateOf(error.cause) ?? '');
}

/**
 * Makes sure that a supported PostgreSQL answers, and that it, or the pooler before it, has transactions.
 *
 * @returns also whether the settings are in effect: poolers may drop start-up options without a word.
 */
export async function inspectServer(pool: ConnectionPool, schema: string | undefined): Promise<ServerFacts> {
  const { version, encoding, areEverywhere, isReadOnly, isDistributed } = await askInTransaction(
    pool,
    schema,
  );
  if (version < MIN_SERVER_VERSION) {
    throw new QuestlogError('database_failed', 'Questlog needs PostgreSQL 14 or newer');
  }
  if (encoding !== 'UTF8') {
    throw new QuestlogError('database_failed', `the database must be encoded in UTF8, not ${encoding}`);
  }
  const begin = areEverywhere ? BEGIN : beginWithSettings(schema, isReadOnly);
  return { begin, areEverywhere, isDistributed };
}

function beginWithSettings(schema: string | undefined, isReadOnly: boolean): string {
  const path = schema === undefined ? [] : [`set local search_path = ${quoteSchema(schema)}`];
  return [isReadOnly ? `${BEGIN} read write` : BEGIN, LIMITS, ...path].join('; ');
}

async function askInTransaction(pool: ConnectionPool, schema: string | undefined): Promise<Inspection> {
  let failure: unknown;
  const client = await pool.connect();
  // What `connect` of a single client gives.
  if (typeof client?.release !== 'function')
    throw invalidField('url', 'must be a pool, not a client, where it is no URL');
  try {
    await client.query({ text: BEGIN });
    const { rows } = await client.query({ text: INSPECT, values: [schema ?? null] });
    await client.query({ text: 'commit' });
    return rows[0] as unknown as Inspection;
  } catch (error) {
    failure = error;
    throw isStatementPooling(error) ? statementPooling(error) : error;
  } finally {
    client.release(failure !== undefined);
  }
}

/** PgBouncer in statement mode: protocol_violation, "transaction blocks not allowed in statement pooling mode". */
function isStatementPooling(error: unknown): boolean {
  return sqlstateOf(error) === '08P01' && error instanceof Error && /statement pooling/i.test(error.message);
}

function statementPooling(cause: unknown): QuestlogError {
  const message =
    'the pooler before the database is in statement mode, which has no transactions: Questlog needs its transaction or session mode';
  return new QuestlogError('database_failed', message, { cause });
}
