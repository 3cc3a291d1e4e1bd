import { expect } from 'vitest';
import { onEachDatabase } from '../support/app.ts';

const conversation = [{ role: 'user', content: 'a' }];

onEachDatabase('all that is stored of a user comes as lines of JSON, and goes at a word', async ({ ask }) => {
  const { chat_id: id } = (await ask('POST', '/chats', { title: 'A dragon', conversation })).json();
  const read = await ask('GET', '/user/data');
  expect(read.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
  const lines = read.body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual({
    table: 'chats',
    row: expect.objectContaining({ chat_id: id, title: 'A dragon' }),
  });
  const { removed } = (await ask('DELETE', '/user/data')).json();
  for (const table of ['chats', 'chat_items']) expect(removed).toContainEqual({ table, rows: 1 });
  expect((await ask('GET', '/user/data')).body).toBe('');
  expect((await ask('GET', `/chats/${id}`)).statusCode).toBe(404);
  expect((await ask('GET', '/chats')).json()).toMatchObject({ chats: [], total: 0 });
});

onEachDatabase(
  'how long chats are kept is a user’s to shorten, and refused by its field',
  async ({ ask }) => {
    expect((await ask('GET', '/user/retention')).json()).toEqual({ inactive_days: null });
    expect((await ask('PUT', '/user/retention', { inactive_days: 30 })).json()).toEqual({
      inactive_days: 30,
    });
    expect((await ask('GET', '/user/retention')).json()).toEqual({ inactive_days: 30 });
    for (const days of [0, 1.5, '30', 40_000]) {
      const refused = await ask('PUT', '/user/retention', { inactive_days: days });
      expect([refused.statusCode, refused.json().errors?.[0]?.field]).toEqual([400, 'inactive_days']);
    }
    await ask('PUT', '/user/retention', { inactive_days: null });
    expect((await ask('GET', '/user/retention')).json()).toEqual({ inactive_days: null });
  },
);

onEachDatabase('a chat can be told when to be gone', async ({ ask }) => {
  const { chat_id: id } = (await ask('POST', '/chats', {})).json();
  const { chat_id: newer } = (await ask('POST', '/chats', {})).json();
  const set = (expires_at: unknown, chat = id) => ask('PUT', `/chats/${chat}/expiry`, { expires_at });
  expect((await set('2030-01-01T00:00:00Z')).statusCode).toBe(204);
  expect((await set(null)).statusCode).toBe(204);
  // It is no activity.
  expect((await ask('GET', '/chats')).json().chats[0].chat_id).toBe(newer);
  expect((await set('tomorrow')).json().errors[0].field).toBe('expires_at');
  // Of no year that the database could be told in the same way by each driver.
  for (const at of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-01:00', '0001-01-01T00:00:00+01:00']) {
    const refused = await set(at);
    expect([refused.statusCode, refused.json().errors?.[0]?.field], at).toEqual([400, 'expires_at']);
  }
  for (const at of ['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z']) {
    expect((await set(at)).statusCode, at).toBe(204);
    expect((await ask('GET', `/chats/${id}`)).json().expires_at).toBe(at);
  }
  expect((await set(null, 'nobody-has-this')).statusCode).toBe(404);
});

onEachDatabase('when a chat is to be gone is said wherever a chat is', async ({ ask }) => {
  const made = (await ask('POST', '/chats', { conversation: [{ role: 'user', content: 'Hi' }] })).json();
  const path = `/chats/${made.chat_id}`;
  expect(made.expires_at).toBeNull();
  const expires_at = '2100-01-01T00:00:00.500Z';
  await ask('PUT', `${path}/expiry`, { expires_at });
  for (const where of ['/chats', '/chats?include=conversation'])
    expect((await ask('GET', where)).json().chats[0].expires_at, where).toBe(expires_at);
  expect((await ask('GET', path)).json().expires_at).toBe(expires_at);
  expect((await ask('GET', `${path}/items`)).json()).toMatchObject({ expires_at, tags: [] });
  expect((await ask('PUT', path, { tags: ['short'] })).json().expires_at).toBe(expires_at);
  // A fork stays.
  expect((await ask('POST', `${path}/fork`, {})).json().expires_at).toBeNull();
  await ask('DELETE', path);
  expect((await ask('POST', `${path}/restore`)).json().expires_at).toBe(expires_at);
  await ask('PUT', `${path}/expiry`, { expires_at: null });
  expect((await ask('GET', path)).json().expires_at).toBeNull();
});
