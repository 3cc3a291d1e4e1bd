import { expect } from 'vitest';
import { onEachDatabase } from '../support/app.ts';

const conversation = [
  { role: 'user', content: 'a' },
  { type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'b' }] },
];

onEachDatabase(
  'what a person thinks of an answer comes with the page of items, and changes the chat',
  async ({ ask }) => {
    const { chat_id: id } = (await ask('POST', '/chats', { conversation })).json();
    await ask('POST', '/chats', { title: 'newer' });
    const before = await ask('GET', `/chats/${id}`);
    const feedback = { rating: 'down', comment: 'asleep' };
    const rated = await ask('PUT', `/chats/${id}/items/1/feedback`, feedback);
    expect([rated.statusCode, rated.body]).toEqual([204, '']);
    const { items } = (await ask('GET', `/chats/${id}/items`)).json();
    expect(items.map((item: { feedback: unknown }) => item.feedback)).toEqual([null, feedback]);
    const after = await ask('GET', `/chats/${id}`);
    expect(after.json().conversation).toEqual(before.json().conversation);
    expect(after.headers.etag).not.toBe(before.headers.etag);
    const known = await ask('GET', `/chats/${id}`, undefined, {
      'if-none-match': String(before.headers.etag),
    });
    expect(known.statusCode).toBe(200);
    // As a new title does.
    expect((await ask('GET', '/chats')).json().chats[0].chat_id).toBe(id);
    await ask('PUT', `/chats/${id}/items/1/feedback`, { rating: null });
    expect((await ask('GET', `/chats/${id}/items`)).json().items[1].feedback).toBe(null);
  },
);

onEachDatabase('feedback is set aside and taken back with its answer', async ({ ask }) => {
  const { chat_id: id } = (await ask('POST', '/chats', { conversation })).json();
  await ask('PUT', `/chats/${id}/items/1/feedback`, { rating: 'up' });
  const feedback = async (query = '') =>
    (await ask('GET', `/chats/${id}/items${query}`)).json().items.at(-1).feedback;
  await ask('POST', `/chats/${id}/alternatives`, { from: 1, to: 1 });
  expect(await feedback()).toBe(null);
  const { points } = (await ask('GET', `/chats/${id}/items`)).json();
  const alternative = points[0].ids[0];
  expect(await feedback(`?alternative=${alternative}`)).toEqual({ rating: 'up', comment: null });
  await ask('POST', `/chats/${id}/alternatives/${alternative}/select`);
  expect(await feedback()).toEqual({ rating: 'up', comment: null });
});

onEachDatabase(
  'feedback that makes no sense is refused by its field, and of no item not found',
  async ({ ask }) => {
    const { chat_id: id } = (await ask('POST', '/chats', { conversation })).json();
    const wrong: [unknown, string][] = [
      [{ rating: 'great' }, 'rating'],
      [{}, 'rating'],
      [{ rating: 'up', comment: 'x'.repeat(1_001) }, 'comment'],
      [{ rating: null, comment: 'why' }, 'comment'],
      [{ rating: 'up', stars: 5 }, 'stars'],
    ];
    for (const [body, field] of wrong) {
      const reply = await ask('PUT', `/chats/${id}/items/1/feedback`, body);
      expect([reply.statusCode, reply.json().errors[0].field], reply.body).toEqual([400, field]);
    }
    for (const [position, status] of [
      ['9', 404],
      ['-1', 400],
      ['x', 400],
    ] as const) {
      const reply = await ask('PUT', `/chats/${id}/items/${position}/feedback`, { rating: 'up' });
      expect(reply.statusCode, reply.body).toBe(status);
    }
  },
);
