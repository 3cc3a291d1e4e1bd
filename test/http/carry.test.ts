import { expect } from 'vitest';
import { createChat } from '../../src/index.ts';
import { asUser, onEachDatabase, serverOn } from '../support/app.ts';
import { newUser } from '../support/databases.ts';

const LINES = { 'content-type': 'application/x-ndjson' };

const say = (content: string) => ({ role: 'user', content });

onEachDatabase('all chats of a user are exported, and imported by another one', async ({ app, db, ask }) => {
  for (const title of ['one', 'two']) await ask('POST', '/chats', { title, conversation: [say(title)] });
  await createChat(db, newUser(), { title: 'of another user' });
  const exported = await ask('GET', '/chats/export');
  expect(exported.headers['content-type']).toBe('application/x-ndjson');
  expect(exported.headers['content-disposition']).toContain('chats.jsonl');
  expect(exported.body).not.toContain('another user');
  expect(JSON.parse(exported.body.trimEnd().split('\n').at(-1) ?? '')).toEqual({
    type: 'end',
    chats: 2,
    left_out: 0,
  });

  const other = asUser(app, newUser());
  const dry = await other('POST', '/chats/import?dry_run=true', exported.body, LINES);
  expect([dry.statusCode, dry.json()]).toMatchObject([200, { imported: 2, dry_run: true }]);
  expect((await other('GET', '/chats')).json().total).toBe(0);
  const report = (await other('POST', '/chats/import', exported.body, LINES)).json();
  expect(report).toMatchObject({ imported: 2, items: 2, already_there: 0, skipped: [], complete: true });
  expect((await other('POST', '/chats/import', exported.body, LINES)).json()).toMatchObject({
    already_there: 2,
  });
  expect((await other('GET', '/chats')).json().chats.map(({ title }: { title: string }) => title)).toEqual([
    'two',
    'one',
  ]);
});

onEachDatabase('one export of all chats is read at a time', async ({ ask }) => {
  await ask('POST', '/chats', { conversation: [say('a')] });
  const askTwice = () => Promise.all([ask('GET', '/chats/export'), ask('GET', '/chats/export')]);
  const findRefused = async () => (await askTwice()).find(({ statusCode }) => statusCode === 429);
  let refused = await findRefused();
  await expect.poll(async () => (refused ??= await findRefused())).toBeDefined();
  expect([refused?.json().code, refused?.headers['retry-after']]).toEqual(['rate_limited', '5']);
  await expect.poll(async () => (await ask('GET', '/chats/export')).statusCode).toBe(200);
});

onEachDatabase('one chat is exported to be imported, to be processed or to be read', async ({ app, ask }) => {
  const conversation = [
    say('Roll # a die'),
    { type: 'function_call', callId: 'c', name: 'roll', arguments: '{"d":20}', status: 'completed' },
    {
      type: 'function_call_result',
      callId: 'c',
      name: 'roll',
      status: 'completed',
      output: { type: 'text', text: '```' },
    },
    {
      role: 'assistant',
      content: [{ type: 'output_text', text: 'A 20!' }],
      status: 'completed',
      type: 'message',
    },
  ];
  const made = await ask('POST', '/chats', { title: 'Dice', conversation });
  const url = `/chats/${made.json().chat_id}/export`;
  const lines = (await ask('GET', url)).body.trimEnd().split('\n');
  const list = await ask('GET', `${url}?format=json`);
  expect([list.headers['content-type'], list.json()]).toEqual([
    'application/json; charset=utf-8',
    lines.map((line) => JSON.parse(line)),
  ]);
  const { body, headers } = await ask('GET', `${url}?format=markdown`);
  expect(headers['content-type']).toBe('text/markdown; charset=utf-8');
  expect(body).toBe(
    '# Dice\n\n## User\n\nRoll # a die\n\n### Call of `roll`\n\n```\n{"d":20}\n```\n\n### Result\n\n````\n```\n````\n\n' +
      '## Agent\n\nA 20!\n',
  );
  const other = asUser(app, newUser());
  for (const format of ['jsonl', 'json', 'markdown'])
    expect((await other('GET', `${url}?format=${format}`)).json()).toMatchObject({ code: 'chat_not_found' });
  expect((await ask('GET', `${url}?format=pdf`)).json().errors).toMatchObject([{ field: 'format' }]);
  // As JSON it comes in again, too.
  expect((await other('POST', '/chats/import', list.json())).json()).toMatchObject({
    imported: 1,
    items: conversation.length,
    skipped: [],
    complete: true,
  });
});

onEachDatabase('conversations of ChatGPT are imported as they are', async ({ ask }) => {
  const message = (role: string, text: string) => ({
    author: { role },
    content: { content_type: 'text', parts: [text] },
  });
  const mapping = {
    a: { parent: null, children: ['b', 'c'], message: message('user', 'Hello') },
    b: { parent: 'a', children: [], message: message('assistant', 'First') },
    c: { parent: 'a', children: [], message: message('assistant', 'Second') },
  };
  const id = newUser();
  const body = [{ id, title: 'x'.repeat(600), create_time: 1.5e9, mapping, current_node: 'b' }, { id: 'y' }];
  const report = (await ask('POST', '/chats/import', body)).json();
  expect(report).toMatchObject({
    imported: 1,
    items: 3,
    skipped: [{ id: null, why: expect.stringContaining('conversation 2') }],
    changed: [{ id, what: expect.stringContaining('title') }],
  });
  const page = (await ask('GET', `/chats/${id}/items`)).json();
  expect(page.items.map(({ item }: { item: { role: string } }) => item.role)).toEqual(['user', 'assistant']);
  expect(page.points).toEqual([{ position: 1, ids: [1, 2], current: 1, begin_alike: false }]);
  expect((await ask('POST', `/chats/${id}/alternatives/2/select`)).statusCode).toBe(204);
  expect(JSON.stringify((await ask('GET', `/chats/${id}`)).json().conversation)).toContain('Second');
});

onEachDatabase('what is no export, or more than a body may be, is refused and named', async ({ db, ask }) => {
  for (const [body, headers, status] of [
    [undefined, {}, 400],
    ['hello', LINES, 400],
    ['[1]', {}, 400],
    ['{}', {}, 400],
    ['\ufffd', { 'content-type': 'text/plain' }, 415],
  ] as const) {
    const reply = await ask('POST', '/chats/import', body, headers);
    expect([reply.statusCode, reply.json().status], body).toEqual([status, status]);
  }
  expect((await ask('POST', '/chats', '{}\n{}', LINES)).statusCode).toBe(415);
  const small = asUser(await serverOn(db, { env: { QUESTLOG_BODY_LIMIT: '1000' } }), newUser());
  const reply = await small('POST', '/chats/import', 'x'.repeat(1_001), LINES);
  expect([reply.statusCode, reply.json().code]).toEqual([413, 'payload_too_large']);
});
