import { expect, test } from 'vitest';
import { importChats } from '../../src/carry/import-chats.ts';
import { readTables, type TableFormat } from '../../src/carry/read-chats.ts';
import { inPostgres, inSqlite } from '../../src/carry/sources/tables.ts';
import { openDatabase } from '../../src/database/open.ts';
import { openDriver } from '../../src/driver/open.ts';
import { getChatById } from '../../src/index.ts';
import { createPostgresDatabase, DATABASES, newFolder, newUser } from '../support/databases.ts';

const SESSIONS = [
  `create table agent_sessions (session_id varchar(99) primary key, created_at timestamp, updated_at timestamp)`,
  `create table agent_messages (id integer primary key, session_id varchar(99), message_data text, created_at timestamp)`,
  `insert into agent_sessions values ('s-1', '2025-06-01 12:00:00', '2025-06-02 12:00:00'), ('s-2', '2025-06-01 12:00:00', '2025-06-01 12:00:00')`,
];
const ITEMS = [
  { role: 'user', content: 'Roll' },
  { id: 'rs', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'e' },
  { id: 'fc', type: 'function_call', call_id: 'c', name: 'roll', arguments: '{}' },
  { type: 'function_call_output', call_id: 'c', output: '20' },
  {
    id: 'm',
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'A 20!', annotations: [] }],
  },
  { role: 'user', content: [{ type: 'input_image', image_url: 'data:x', detail: 'auto' }] },
];
const CONVERTED = [
  { type: 'message', role: 'user', content: 'Roll' },
  {
    type: 'reasoning',
    id: 'rs',
    content: [{ type: 'input_text', text: 'Hm' }],
    providerData: { encrypted_content: 'e' },
  },
  { type: 'function_call', id: 'fc', callId: 'c', name: 'roll', status: 'completed', arguments: '{}' },
  {
    type: 'function_call_result',
    name: 'roll',
    callId: 'c',
    status: 'completed',
    output: { type: 'text', text: '20' },
  },
  {
    type: 'message',
    id: 'm',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'A 20!', providerData: { annotations: [] } }],
  },
  { type: 'message', role: 'user', content: [{ type: 'input_image', image: 'data:x', detail: 'auto' }] },
];
const rows = [...ITEMS.map((item) => JSON.stringify(item)), 'no JSON', '[]'];
const MESSAGES = rows.map(
  (json, index) =>
    `insert into agent_messages values (${index + 1}, 's-1', '${json}', '2025-06-01 12:00:0${index}')`,
);

async function expectSessions(
  db: Awaited<ReturnType<(typeof DATABASES)[0]['open']>>,
  source: Parameters<typeof readTables>[0],
) {
  const userId = newUser();
  const report = await importChats(db, userId, readTables(source, { format: 'python-sdk' }));
  expect(report).toMatchObject({ imported: 2, items: 6, changed_count: 2, complete: true });
  const [{ id: first } = { id: 's-1' }] = report.changed
    .filter(({ what }) => what.startsWith('its id'))
    .map(({ what }) => ({ id: what.split(' ').at(-1) ?? '' }));
  const chat = await getChatById(db, first, userId);
  expect(chat?.conversation).toEqual(CONVERTED);
  expect(chat?.updatedAt).toEqual(new Date('2025-06-02T12:00:00Z'));
  expect(await importChats(db, userId, readTables(source, { format: 'python-sdk' }))).toMatchObject({
    already_there: 2,
  });
}

test('sessions of the Python SDK in a PostgreSQL are imported with their calls and results', async () => {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  const url = await createPostgresDatabase();
  const source = await openDriver(url);
  for (const statement of [...SESSIONS, ...MESSAGES]) await source.exec(statement);
  await expectSessions(db, inPostgres(source));
  await source.close();
});

const sqlite = process.getBuiltinModule('node:sqlite');

test.skipIf(sqlite === undefined)(
  'sessions of the Python SDK in a SQLite file are imported too',
  async () => {
    const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
    const path = `${newFolder()}/sessions.db`;
    const file = new (
      sqlite as never as { DatabaseSync: new (path: string) => { exec(text: string): void; close(): void } }
    ).DatabaseSync(path);
    for (const statement of [...SESSIONS, ...MESSAGES]) file.exec(statement);
    file.close();
    const tables = inSqlite(path);
    await expectSessions(db, tables);
    await tables.close();
  },
);

test('a SQLite file is refused by a Node that cannot read one', () => {
  if (sqlite === undefined) expect(() => inSqlite('x.db')).toThrow('Node 22.13');
});

test('threads of Mastra are imported for those whose they are', async () => {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  const target = await openDatabase(await createPostgresDatabase());
  const [one, other] = [newUser(), newUser()];
  await target.exec(`create table mastra_threads (id text primary key, "resourceId" text, title text, metadata jsonb,
      "createdAt" timestamp, "updatedAt" timestamp, "createdAtZ" timestamptz, "updatedAtZ" timestamptz);
    create table mastra_messages (id text primary key, thread_id text, content text, role text, type text,
      "createdAt" timestamp, "createdAtZ" timestamptz, "resourceId" text);
    insert into mastra_threads values ('${one}-t', '${one}', 'A thread', null, '2025-06-01 12:00', '2025-06-01 13:00', '2025-06-01 12:00Z', '2025-06-01 13:00Z'),
      ('${other}-t', '${other}', '', null, '2025-06-01 12:00', '2025-06-01 13:00', null, null);`);
  const parts = [
    { type: 'step-start' },
    { type: 'text', text: 'Rolling' },
    {
      type: 'tool-invocation',
      toolInvocation: {
        state: 'result',
        toolCallId: 'c',
        toolName: 'roll',
        args: { d: 6 },
        result: { n: 4 },
      },
    },
    { type: 'reasoning', reasoning: 'Hm' },
    { type: 'text', text: 'A 4' },
  ];
  const contents = [
    [
      'user',
      JSON.stringify({
        format: 2,
        parts: [
          { type: 'text', text: 'Hi' },
          { type: 'file', mimeType: 'image/png', data: 'x' },
        ],
      }),
    ],
    ['assistant', JSON.stringify({ format: 2, parts })],
    ['user', 'as text'],
    ['user', JSON.stringify({ format: 2, content: 'no parts' })],
  ];
  for (const [index, [role, json]] of contents.entries())
    await target.exec(
      `insert into mastra_messages values ('m${9 - index}', '${one}-t', '${json}', '${role}', 'v2', '2025-06-01 12:00:0${index}', null, '${one}')`,
    );
  const read = () => readTables(inPostgres(target), { format: 'mastra' satisfies TableFormat });
  const report = await importChats(db, (owner) => (owner === other ? undefined : owner), read());
  expect(report).toMatchObject({
    imported: 1,
    skipped: [{ id: `${other}-t`, why: expect.stringContaining('whose') }],
    changed: [{ id: `${one}-t`, what: 'thoughts of the model left out' }],
  });
  const chat = await getChatById(db, `${one}-t`, one);
  expect(chat).toMatchObject({ title: 'A thread', createdAt: new Date('2025-06-01T12:00:00Z') });
  expect(chat?.conversation).toEqual([
    { type: 'message', role: 'user', content: 'Hi\n[file: image/png]' },
    {
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Rolling' }],
    },
    { type: 'function_call', callId: 'c', name: 'roll', status: 'completed', arguments: '{"d":6}' },
    {
      type: 'function_call_result',
      callId: 'c',
      name: 'roll',
      status: 'completed',
      output: { type: 'text', text: '{"n":4}' },
    },
    {
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'A 4' }],
    },
    { type: 'message', role: 'user', content: 'as text' },
    { type: 'message', role: 'user', content: 'no parts' },
  ]);
  expect(await importChats(db, (owner) => owner, read())).toMatchObject({ imported: 1, already_there: 1 });
  await target.close();
});
