import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DATABASES, SERVER } from '../support/databases.ts';
import { recording, type Sent } from '../support/recording-driver.ts';
import { findUnnamed } from './named-tables.ts';
import { playAll } from './play-all.ts';

/** The statements that are of no one user, and why. */
const OF_NO_ONE: readonly (readonly [statement: RegExp, reason: string])[] = [
  [/^select 1 from pg_class where oid = to_regclass/, 'the tables of Questlog'],
  [/^select n.nspname as schema/, 'the tables of Questlog'],
  [/^select t.name as "table", string_agg/, 'the tables of Questlog'],
  [/^select number from questlog_migrations/, 'the tables of Questlog'],
  [/^create table if not exists questlog_migrations/, 'the tables of Questlog'],
  [/^insert into questlog_migrations/, 'the tables of Questlog'],
  [/^savepoint questlog_migration$/, 'no rows: a migration that waits for its locks'],
  [/^set local (lock_timeout|idle_in_transaction_session_timeout) = \d+;?$/, 'no rows: the same'],
  [/^select clock_timestamp\(\)::text as now$/, 'no rows: the same'],
  [/^(savepoint|release savepoint|rollback to savepoint) questlog$/, 'no rows, in the transaction of a user'],
  [/^select \(extract\(epoch from greatest\( least\(clock_timestamp\(\)/, 'no rows: what is in transaction'],
  [/^with free as \( select c.chat_id/, 'appends of many users, a batch at a time'],
  [/^with batch as \( select \* from unnest/, 'events of this process’s runs, a batch at a time'],
  [/^update runs set lease_until/, 'this process’s runs, a batch a second'],
  [/^with found as materialized/, 'a poll for all who watch, one at a time'],
  [/^delete from removed_chats where removed_at/, 'a sweep'],
  [/^select c.user_id as "userId", c.chat_id as "chatId", c.is_active and/, 'a sweep'],
  [/^select distinct c.user_id as "userId" from \(select user_id, chat_id, is_active/, 'a sweep'],
  [/^with change as \( select user_id, change_id from chat_counts/, 'a sweep'],
  [/^select distinct user_id as "userId" from chat_counts/, 'a sweep'],
  [/^select run_id as "runId", user_id as "userId" from runs where status/, 'a sweep'],
  [/^delete from run_events e using runs/, 'a sweep'],
  [/^delete from idempotency_keys where created_at/, 'a sweep'],
  [/^select user_id as "userId" from \( \(select distinct user_id from chats/, 'whose data a purge looks at'],
  [/^insert into erasures/, 'the note of a user who has nothing here any more'],
  [/^select l.language, \( select json_agg/, 'no rows: the stems of words'],
  [/^select current_setting\('server_version_num'\)/, 'no rows: the version of PostgreSQL'],
  [/^select pg_try_advisory_xact_lock/, 'no rows: who purges'],
  [/^select quote_ident\(c.relname\) as name/, 'the tables of Questlog'],
  [
    /^select user_id as "userId" from chats where chat_id = \$1$/,
    'whose chat it is, for a session that was not told',
  ],
  [/^select user_id as "userId", chat_id as "chatId" from chats order by/, '`questlog copy`'],
  [/^select distinct user_id as "userId" from usage_days/, '`questlog copy`'],
  [/^select 1 from chats limit 1/, '`questlog copy`'],
  [/^select c.relname as "table"/, '`questlog copy`'],
  [/^select a.attname as name/, 'the tables of Questlog'],
];

describe.each(DATABASES)('a statement that Questlog sends to $name', ({ openEmpty }) => {
  it('names its user, in its text and its values, or is one of the few that are of no one user', {
    timeout: 120_000,
  }, async () => {
    const { db, sent } = recording(await openEmpty());
    const copy = recording(await SERVER.openEmpty());
    const users = await playAll(db, copy.db);
    const all = [...sent, ...copy.sent];
    expect(all.filter(({ userId }) => userId === undefined)).toEqual([]);
    expect(all.filter((statement) => !isNamed(statement, users) && !isOfNoOne(statement))).toEqual([]);
    // A transaction takes the share of the user whose rows it touches; a sweep and a migration take none.
    const inTransactions = all.filter(({ inTransaction }) => inTransaction);
    expect(inTransactions.filter(({ owner }) => owner === undefined)).toEqual([]);
    expect(inTransactions.filter(({ owner, userId }) => owner && userId && userId !== owner)).toEqual([]);

    const texts = all.map(({ text }) => toLine(text));
    for (const { userId, ...statement } of all.filter(
      (one) => one.userId && db.kind === 'postgres' && !db.isDistributed,
    )) {
      expect(await findUnnamed(db, statement), toLine(statement.text)).toEqual([]);
    }
    const unseen = (await readStatements()).filter((pattern) => !texts.some((text) => pattern.test(text)));
    expect(unseen, 'statements that are not played').toEqual([]);
  });
});

function isNamed({ userId, text, values = [] }: Sent, users: ReadonlySet<string>): boolean {
  return (
    typeof userId === 'string' &&
    users.has(userId) &&
    text.includes('user_id') &&
    values.flat().includes(userId)
  );
}

function isOfNoOne({ userId, text }: Sent): boolean {
  return userId === null && OF_NO_ONE.some(([statement]) => statement.test(toLine(text)));
}

function toLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** The statements that the source holds, as patterns: what is put into a text may be anything. */
async function readStatements(): Promise<RegExp[]> {
  const rooms = ['carry', 'chats', 'items', 'runs', 'search', 'usage', 'users'].map(
    (room) => `store/${room}`,
  );
  const folders = ['store', ...rooms, 'driver'];
  const files = await Promise.all(
    folders.map(async (folder) => {
      const path = new URL(`../../src/${folder}/`, import.meta.url);
      const names = (await readdir(path)).filter((name) => name.endsWith('.ts'));
      return Promise.all(names.map((name) => readFile(new URL(name, path), 'utf8')));
    }),
  );
  const literals = files.flat().flatMap((source) => [...source.matchAll(/([`'])((?:(?!\1)[^\\]|\\.)*)\1/gs)]);
  return (
    literals
      .map(([, , text = '']) => toLine(text))
      // The lock of migrations is a script, which no recorder of statements sees.
      .filter((text) => !text.startsWith('select pg_advisory_xact_lock('))
      // What `questlog migrate --sql` prints, and what makes a schema, which only a migration that names one does.
      .filter((text) => !/^(create schema |select exists \(select from pg_namespace )/.test(text))
      .filter((text) => !/^insert into questlog_migrations .* values \(\$\{/.test(text))
      // The call of a function that only a cluster has.
      .filter((text) => !text.startsWith('select * from ${nameFunction('))
      .filter((text) =>
        /^(select|insert|update|delete|with|create|savepoint|release|rollback) .*\S/.test(text),
      )
      .map(
        (text) =>
          new RegExp(
            `^${text
              .split(/\$\{[^}]*\}?/)
              .map(escapePattern)
              .join('.*')}`,
          ),
      )
  );
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
