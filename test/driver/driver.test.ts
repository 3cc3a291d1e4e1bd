import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { atomically, type Queryable, query, type Statement } from '../../src/driver/driver.ts';
import { QuestlogError } from '../../src/errors.ts';
import { newId } from '../../src/ids.ts';
import { createPostgresDatabase, DATABASES, newPGliteFolder } from '../support/databases.ts';

const notes = async (db: Queryable, of: string): Promise<string[]> => {
  const rows = await query<{ note: string }>(db, {
    text: 'select note from port_notes where owner = $1 order by note',
    values: [of],
  });
  return rows.map(({ note }) => note);
};

const write = (db: Queryable, owner: string, note: string) =>
  query(db, { text: 'insert into port_notes (owner, note) values ($1, $2)', values: [owner, note] });

describe.each(DATABASES)('a database on $name', ({ name, open: openShared }) => {
  const open = async (): Promise<Database> => {
    const db = await openShared();
    await db.exec('create table if not exists port_notes (owner text, note text, primary key (owner, note))');
    return db;
  };

  it('says which engine it is and where, without credentials', async () => {
    const db = await open();
    expect(db.kind).toBe(name === 'PGlite' ? 'pglite' : 'postgres');
    expect(db.location).toMatch(name === 'PGlite' ? /^\/.*folder-/ : /^[^@]+\/questlog_test_\w+$/);
  });

  it('gives values as plain JavaScript values', async () => {
    const rows = await query(await open(), {
      text: `select 7::int as int, 2.5::float8 as float, true as yes, null as nothing, 'ß😀' as text,
        array['a', null, 'b"\\'] as list, timestamptz '2026-11-22T20:00:00.123Z' as at, '{"a":[1]}'::jsonb as json`,
    });
    expect(rows).toEqual([
      {
        ...{ int: 7, float: 2.5, yes: true, nothing: null, text: 'ß😀', list: ['a', null, 'b"\\'] },
        ...{ at: new Date('2026-11-22T20:00:00.123Z'), json: { a: [1] } },
      },
    ]);
  });

  it('takes JSON as text and gives the same text back, to the byte', async () => {
    const json = String.raw`{"b" : 1, "a":"\u0000\ud800", "b":[1.50, 1e3]}`;
    const rows = await query(await open(), {
      text: 'select $1::json::text as json, $2::text[] as texts',
      values: [json, ['{"x":"\\"}', '', 'NULL', '{}']],
    });
    expect(rows).toEqual([{ json, texts: ['{"x":"\\"}', '', 'NULL', '{}'] }]);
  });

  it('refuses what is no statement, such as its SQL alone, by the name of what is missing', async () => {
    const db = await open();
    const refusal = { code: 'invalid_request', errors: [{ field: 'text' }] };
    for (const other of ['select 1', undefined, null, {}, { text: 1 }, ['select 1']]) {
      await expect(db.query(other as unknown as Statement)).rejects.toMatchObject(refusal);
      const asked = db.transaction((tx) => tx.query(other as unknown as Statement));
      await expect(asked).rejects.toMatchObject(refusal);
    }
  });

  it('commits a transaction with the result of its work', async () => {
    const db = await open();
    const owner = newId();
    const result = await db.transaction(async (tx) => {
      await write(tx, owner, 'kept');
      return notes(tx, owner);
    });
    expect(result).toEqual(['kept']);
    expect(await notes(db, owner)).toEqual(['kept']);
  });

  it('rolls a failed transaction back and gives the error back as it was thrown', async () => {
    const db = await open();
    const owner = newId();
    for (const thrown of [
      new TypeError('mine'),
      new QuestlogError('chat_not_found', 'mine'),
      undefined,
      'text',
    ]) {
      const failing = db.transaction(async (tx) => {
        await write(tx, owner, 'lost');
        throw thrown;
      });
      await expect(
        failing.then(
          () => 'no error',
          (error: unknown) => ({ error }),
        ),
      ).resolves.toEqual({ error: thrown });
    }
    expect(await notes(db, owner)).toEqual([]);
  });

  it('fails when a statement of the transaction had failed, even if the work went on', async () => {
    const db = await open();
    const owner = newId();
    const work = db.transaction(async (tx) => {
      await write(tx, owner, 'lost');
      await write(tx, owner, 'lost').catch(() => 'swallowed');
      return 'all is well';
    });
    await expect(work).rejects.toMatchObject({ code: 'database_failed' });
    expect(await notes(db, owner)).toEqual([]);
  });

  it('runs transactions in read committed', async () => {
    const db = await open();
    const level = await db.transaction((tx) => query(tx, { text: 'show transaction_isolation' }));
    expect(level).toEqual([{ transaction_isolation: 'read committed' }]);
  });

  it('turns a refused statement into a QuestlogError with the cause and its SQLSTATE', async () => {
    const db = await open();
    const failures = await Promise.allSettled([
      query(db, { text: 'select nope' }),
      db.query({ text: 'select nope' }),
      db.exec('select 1; select nope'),
      db.transaction((tx) => tx.query({ text: 'select nope' })),
      db.transaction((tx) => tx.exec('select nope')),
    ]);
    for (const failure of failures) {
      const { reason } = failure as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(QuestlogError);
      expect(reason).toMatchObject({ code: 'database_failed', cause: { code: '42703' } });
    }
  });

  it('runs a script as a whole or not at all', async () => {
    const db = await open();
    const owner = newId();
    const insert = `insert into port_notes values ('${owner}', 'once')`;
    await expect(db.exec(`${insert}; ${insert}`)).rejects.toMatchObject({ code: 'database_failed' });
    expect(await notes(db, owner)).toEqual([]);
  });

  it('undoes a failed part of a transaction, and only that', async () => {
    const db = await open();
    const owner = newId();
    await db.transaction(async (tx) => {
      await atomically(tx, null, (part) => write(part, owner, 'before'));
      const part = atomically(tx, null, async () => {
        await write(tx, owner, 'undone');
        await write(tx, owner, 'before');
      });
      await expect(part).rejects.toMatchObject({ code: 'database_failed', cause: { code: '23505' } });
      await write(tx, owner, 'after');
    });
    expect(await notes(db, owner)).toEqual(['after', 'before']);
  });

  it('undoes all of a part when a part of it had failed before', async () => {
    const db = await open();
    const owner = newId();
    await db.transaction(async (tx) => {
      const outer = atomically(tx, null, async () => {
        await write(tx, owner, 'outer');
        await atomically(tx, null, () => Promise.reject(new Error('inner'))).catch(() => 'handled');
        throw new Error('outer');
      });
      await expect(outer).rejects.toThrow('outer');
    });
    expect(await notes(db, owner)).toEqual([]);
  });
});

describe.each(DATABASES)('closing a database on $name', ({ name }) => {
  it('waits for the open transaction, refuses what comes later, and may be repeated', async () => {
    const db = await openDatabase(name === 'PGlite' ? newPGliteFolder() : await createPostgresDatabase());
    const events: string[] = [];
    let closing: Promise<unknown> = Promise.resolve();
    const transaction = db.transaction(async (tx) => {
      closing = Promise.all([db.close(), db.close()]).then(() => events.push('closed'));
      await query(tx, { text: 'create table written_while_closing (n int)' });
      events.push('written');
    });
    await transaction;
    await closing;
    expect(events).toEqual(['written', 'closed']);
    const late = await Promise.allSettled([
      db.query({ text: 'select 1' }),
      db.exec('select 1'),
      db.transaction(async () => 1),
    ]);
    for (const work of late) expect(work).toMatchObject({ reason: { code: 'database_closed' } });
  });

  it('answers all that was asked before, also what still waited for a connection', async () => {
    const url = name === 'PGlite' ? newPGliteFolder() : await createPostgresDatabase();
    const db = await openDatabase(url, { poolSize: 1 });
    const statements = Array.from({ length: 20 }, (_, n) =>
      query<{ n: number }>(db, { text: 'select $1::int as n', values: [n] }),
    );
    const transaction = db.transaction((tx) => query(tx, { text: 'select 20 as n' }));
    let answered = 0;
    const answers = [...statements, transaction].map((work) => work.finally(() => (answered += 1)));
    await db.close();
    expect(answered).toBe(21);
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 21 }, (_, n) => [{ n }]));
  });
});
