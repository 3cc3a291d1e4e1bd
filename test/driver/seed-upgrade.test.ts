import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { type Driver, query } from '../../src/driver/driver.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { DATABASES } from '../support/databases.ts';
import { SEED_INDEXES as INDEXES, SEED_TABLE as TABLE } from '../support/levels.ts';

const VARIANTS = {
  'as it was': `${TABLE}; ${INDEXES}`,
  'without its indexes': TABLE,
  'with a JSON column': `${TABLE.replace('JSONB', 'JSON')}; ${INDEXES}`,
  'with VARCHAR columns': `${TABLE.replace('chat_id TEXT', 'chat_id VARCHAR(64)').replaceAll(' TEXT', ' VARCHAR(255)')}; ${INDEXES}`,
};

const LONG = JSON.stringify(
  Array.from({ length: 5_000 }, (_, i) => ({ role: 'user', content: `message ${i}` })),
);
const ODD = String.raw`[{"b":1,"a":2},"\\u0000 \\\\ \\ud800 \"quoted\" \n","ß 😀 \ud83d\ude00",[],{},null,1.5,-0.001,true]`;

/** Chats whose conversation is a list: it must come out as it went in. */
const LISTS: Record<string, string> = {
  empty: '[]',
  one: '[{"role":"user","content":"Hi"}]',
  odd: ODD,
  long: LONG,
};
/** Others, and what their conversation becomes. */
const OTHERS: Record<string, [before: string | null, after: unknown[]]> = {
  nothing: [null, []],
  'json null': ['null', []],
  object: ['{"messages":[1]}', [{ messages: [1] }]],
  text: ['"Hi"', ['Hi']],
};

const CREATED = '2024-02-29 23:59:59.123456+00';
const UPDATED = '2025-01-02 03:04:05.678901+00';
/** The times of a chat in UTC, whatever the zone of the server is. */
const TIMES = ['created_at', 'updated_at']
  .map((column) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"+00"') as ${column}`)
  .join(', ');

async function openSeed(open: () => Promise<Database>, schema: string): Promise<Database> {
  const db = await open();
  await db.exec(schema);
  const conversations = [
    ...Object.entries(LISTS),
    ...Object.entries(OTHERS).map(([id, [text]]) => [id, text]),
  ];
  for (const [id, text] of conversations) {
    await query(db, {
      text: `insert into chats values ($1::text, 'ann', ($2::text)::json, 'Title of ' || $1::text, true, $3, $4)`,
      values: [id, text, CREATED, UPDATED],
    });
  }
  return db;
}

/** The same database, whose transactions run as another role. */
function actingAs(role: string, db: Database): Driver {
  return {
    kind: db.kind,
    location: db.location,
    schema: db.schema,
    connections: db.connections,
    query: (statement) => db.query(statement),
    exec: (script) => db.exec(script),
    close: () => db.close(),
    transaction: (work) =>
      db.transaction(async (tx) => {
        await tx.exec(`set local role ${role}`);
        return work(tx);
      }),
  };
}

async function conversations(db: Database): Promise<Record<string, unknown>> {
  const rows = await query<{ chat_id: string; text: string }>(db, {
    text: 'select c.chat_id, c.conversation::text as text from chats c',
  });
  return Object.fromEntries(rows.map((row) => [row.chat_id, JSON.parse(row.text)]));
}

describe.each(DATABASES)("upgrading the seed's table on $name", ({ openEmpty }) => {
  it.each(Object.entries(VARIANTS))(
    '%s: no item is lost, and the conversation reads as before',
    async (_, schema) => {
      const db = await openSeed(openEmpty, schema);
      await migrate(db);
      const expected = {
        ...Object.fromEntries(Object.entries(LISTS).map(([id, text]) => [id, JSON.parse(text)])),
        ...Object.fromEntries(Object.entries(OTHERS).map(([id, [, after]]) => [id, after])),
      };
      expect(await conversations(db)).toEqual(expected);
      const rows = await query(db, {
        text: `select chat_id, user_id, title, is_active, ${TIMES}, next_position::int,
          (select array_agg(position::int order by position) from chat_items i where i.chat_id = c.chat_id) as positions
        from chats c order by chat_id`,
      });
      expect(rows).toEqual(
        Object.entries(expected)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([chat_id, items]) => ({
            ...{ chat_id, user_id: 'ann', title: `Title of ${chat_id}`, is_active: true },
            ...{ created_at: CREATED, updated_at: UPDATED, next_position: items.length },
            positions: items.length > 0 ? items.map((_: unknown, i: number) => i) : null,
          })),
      );
    },
  );

  it('keeps NUL and lone surrogates of a JSON column in the items, which `conversation` cannot show', async () => {
    const db = await openEmpty();
    await db.exec(TABLE.replace('JSONB', 'JSON'));
    const item = String.raw`{"z": "\u0000", "a":"\ud800 \\u0000"}`;
    await query(db, { text: `insert into chats values ('chat', 'ann', $1::json)`, values: [`[${item}]`] });
    await migrate(db);
    expect(await query(db, { text: 'select item::text from chat_items' })).toEqual([{ item }]);
    expect(await conversations(db)).toEqual({ chat: [{ z: '\ufffd', a: '\ufffd \\u0000' }] });
  });

  it('fills what the seed left open: a chat without a state is active, one without times gets some', async () => {
    const db = await openEmpty();
    await db.exec(TABLE);
    await db.exec(`insert into chats (chat_id, user_id, is_active, created_at, updated_at) values
      ('no state', 'ann', null, '${CREATED}', '${UPDATED}'), ('hidden', 'ann', false, '${CREATED}', '${UPDATED}'),
      ('only created', 'ann', true, '${CREATED}', null), ('only updated', 'ann', true, null, '${UPDATED}'),
      ('no times', 'ann', true, null, null)`);
    await migrate(db);
    const rows = await query(db, {
      text: `select chat_id, is_active, ${TIMES} from chats
        where chat_id <> 'no times' order by chat_id`,
    });
    expect(rows).toEqual([
      { chat_id: 'hidden', is_active: false, created_at: CREATED, updated_at: UPDATED },
      { chat_id: 'no state', is_active: true, created_at: CREATED, updated_at: UPDATED },
      { chat_id: 'only created', is_active: true, created_at: CREATED, updated_at: CREATED },
      { chat_id: 'only updated', is_active: true, created_at: UPDATED, updated_at: UPDATED },
    ]);
    const [fresh] = await query<{ age: number }>(db, {
      text: `select extract(epoch from clock_timestamp() - created_at)::float8 as age from chats where chat_id = 'no times'`,
    });
    expect(fresh?.age).toBeLessThan(60);
  });

  it("keeps its owner's views, foreign keys and row-level security", async () => {
    const db = await openEmpty();
    await db.exec(`${TABLE}; insert into chats (chat_id, user_id, conversation) values ('chat', 'ann', '[1]');
      create view titles as select chat_id, user_id, title, created_at from chats;
      create table votes (chat_id text references chats on delete cascade, votes int);
      insert into votes values ('chat', 3);
      alter table chats enable row level security;
      create policy own on chats using (user_id = current_user and chat_id <> '')`);
    await migrate(db);
    expect(await query(db, { text: 'select chat_id from titles' })).toEqual([{ chat_id: 'chat' }]);
    await db.exec(`delete from chats where chat_id = 'chat'`);
    expect(await query(db, { text: 'select * from votes' })).toEqual([]);
  });

  it('stops rather than lose the conversations that a policy hides from it', async () => {
    const db = await openEmpty();
    // Any role that is not a superuser; this one is everywhere.
    const role = 'pg_monitor';
    await db.exec(`${TABLE}; insert into chats (chat_id, user_id, conversation) values ('chat', 'ann', '[1]');
      alter table chats enable row level security, force row level security;
      create policy own on chats using (user_id = current_user);
      grant create on schema public to ${role};
      alter table chats owner to ${role}`);
    const hidden = db.transaction(async (tx) => {
      await tx.exec(`set local role ${role}`);
      return query(tx, { text: 'select chat_id from chats' });
    });
    expect(await hidden).toEqual([]);
    await expect(migrate(actingAs(role, db))).rejects.toMatchObject({
      cause: { message: expect.stringContaining('row-level security') },
    });
    expect(await query(db, { text: 'select conversation from chats' })).toEqual([{ conversation: [1] }]);
  });
});

describe.each(DATABASES)('updated_at on $name', ({ open }) => {
  it('is set by whoever writes, to a later time than before, and can be nothing else', async () => {
    const db = await open();
    const set = async (assignment: string) => {
      const [row] = await query<{ version: string; title: string }>(db, {
        text: `update chats set ${assignment} where chat_id = 'touched'
          returning (extract(epoch from updated_at) * 1000000)::bigint::text as version`,
      });
      return BigInt(row?.version ?? 0);
    };
    const future = '2999-01-01 00:00:00.000001+00';
    await db.exec(`insert into chats (chat_id, user_id, updated_at) values ('touched', 'ann', '${future}')`);
    let last = 0n;
    for (const assignment of [
      'title = title',
      `updated_at = '2000-01-01'`,
      'updated_at = null',
      `title = 'New'`,
    ]) {
      const version = await set(assignment);
      expect(version).toBeGreaterThan(last);
      last = version;
    }
    expect(await set('title = null')).toBe(last + 1n);
  });
});
