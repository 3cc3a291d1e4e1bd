import { expect } from 'vitest';
import { type Ask, asUser, onEachDatabase } from '../support/app.ts';
import { newUser } from '../support/databases.ts';

const say = (content: string) => ({ role: 'user', content });

async function begin(ask: Ask, ...texts: string[]): Promise<string> {
  const reply = await ask('POST', '/chats', { conversation: texts.map(say) });
  return `/chats/${reply.json().chat_id}`;
}

/** Says something with the offline model, which answers it. */
async function goOn(ask: Ask, url: string, input: string): Promise<void> {
  const session_id = url.split('/').at(-1);
  expect((await ask('POST', '/chat/run', { input, session_id })).statusCode).toBe(200);
}

async function textsOf(ask: Ask, url: string): Promise<string[]> {
  const { items } = (await ask('GET', `${url}/items`)).json();
  return items.map(({ item }: { item: { content: unknown } }) => item.content);
}

async function status(request: ReturnType<Ask>): Promise<unknown> {
  const reply = await request;
  return reply.body === '' ? reply.statusCode : [reply.statusCode, reply.json().code ?? reply.json()];
}

onEachDatabase('what is set aside is kept, shown at its point, read and selected again', async ({ ask }) => {
  const url = await begin(ask, 'a', 'b', 'c');
  expect((await ask('GET', `${url}/items`)).json().points).toEqual([]);
  expect(await status(ask('POST', `${url}/alternatives`, { from: 1, to: 2 }))).toBe(204);
  expect((await ask('GET', `${url}/items`)).json().points).toEqual([
    { position: null, ids: [1, 3], current: 3, begin_alike: false },
  ]);
  await goOn(ask, url, 'd');
  const page = (await ask('GET', `${url}/items`)).json();
  const { position } = page.items[1];
  expect(page.points).toEqual([{ position, ids: [1, 3], current: 3, begin_alike: false }]);
  expect((await ask('GET', `${url}/alternatives`)).json()).toEqual({
    alternatives: [
      { alternative_id: 1, position, current: false, items: 2, created_at: expect.any(String) },
      { alternative_id: 3, position, current: true, items: null, created_at: expect.any(String) },
    ],
    has_more: false,
  });
  const aside = (await ask('GET', `${url}/items?alternative=1`)).json();
  expect(aside.items.map(({ item }: { item: unknown }) => item)).toEqual([say('b'), say('c')]);
  const second = (await ask('GET', `${url}/items?alternative=1&after=1&limit=1`)).json();
  expect(second).toMatchObject({ items: [{ position: 2 }], has_more: false, points: [] });

  expect(await status(ask('POST', `${url}/alternatives/1/select`))).toBe(204);
  expect(await textsOf(ask, url)).toEqual(['a', 'b', 'c']);
  const back = (await ask('GET', `${url}/items`)).json();
  expect(back.points).toEqual([
    { position: back.items[1].position, ids: [1, 3], current: 1, begin_alike: false },
  ]);
  expect(back.items[1].position).toBeGreaterThan(page.items.at(-1).position);
  expect(await status(ask('POST', `${url}/alternatives/1/select`))).toBe(204);
  expect((await ask('GET', `${url}/items`)).json()).toEqual(back);
});

onEachDatabase('setting aside twice sets aside once, with what others wrote behind it', async ({ ask }) => {
  const url = await begin(ask, 'a', 'b');
  await goOn(ask, url, 'meanwhile');
  const before = await textsOf(ask, url);
  for (let times = 0; times < 2; times += 1)
    expect(await status(ask('POST', `${url}/alternatives`, { from: 1, to: 1 }))).toBe(204);
  expect(await textsOf(ask, url)).toEqual(['a']);
  await goOn(ask, url, 'instead');
  const after = await textsOf(ask, url);
  await ask('POST', `${url}/alternatives`, { from: 1, to: 1 });
  expect(await textsOf(ask, url)).toEqual(after);
  await ask('POST', `${url}/alternatives/1/select`);
  expect(await textsOf(ask, url)).toEqual(before);
});

onEachDatabase('the model gets the current alternative and nothing of the others', async ({ ask }) => {
  const url = await begin(ask);
  await goOn(ask, url, 'My name is Robin');
  const { position } = (await ask('GET', `${url}/items`)).json().items[0];
  await ask('POST', `${url}/alternatives`, { from: position, to: position });
  await goOn(ask, url, 'My name is Kim');
  const session_id = url.split('/').at(-1);
  const nameNow = async () =>
    (await ask('POST', '/chat/run', { input: 'What is my name?', session_id })).json().final_output;
  expect(await nameNow()).toContain('Kim');
  await ask('POST', `${url}/alternatives/${position}/select`);
  expect(await nameNow()).toContain('Robin');
});

onEachDatabase('alternatives that begin with the same message are told from others', async ({ ask }) => {
  const url = await begin(ask, 'Well?');
  const beginAlike = async (input: string) => {
    await ask('POST', `${url}/alternatives`, { from: 0, to: 1_000 });
    await goOn(ask, url, input);
    return (await ask('GET', `${url}/items`)).json().points[0].begin_alike;
  };
  await ask('DELETE', `${url}/items?from=0&to=0`);
  await goOn(ask, url, 'Well?');
  expect(await beginAlike('Well?')).toBe(true);
  expect(await beginAlike('Otherwise?')).toBe(false);
  expect(await beginAlike('Well?')).toBe(false);
});

onEachDatabase('a history that is cleared or replaced has no alternatives, old or new', async ({ ask }) => {
  for (const conversation of [null, [say('new')]]) {
    const url = await begin(ask, 'a', 'b');
    await ask('POST', `${url}/alternatives`, { from: 0, to: 1 });
    await ask('PUT', url, { conversation });
    await goOn(ask, url, 'c');
    expect((await ask('GET', `${url}/items`)).json().points).toEqual([]);
    expect((await ask('GET', `${url}/alternatives`)).json().alternatives).toEqual([]);
    expect(await status(ask('POST', `${url}/alternatives/0/select`))).toEqual([404, 'alternative_not_found']);
    expect(await status(ask('GET', `${url}/items?alternative=0`))).toEqual([404, 'alternative_not_found']);
  }
});

onEachDatabase('alternatives are listed page by page', async ({ ask }) => {
  const url = await begin(ask, 'a');
  for (let times = 0; times < 3; times += 1) {
    await ask('POST', `${url}/alternatives`, { from: 0, to: 1_000 });
    await goOn(ask, url, 'again');
  }
  const seen: number[] = [];
  for (let page = { after: '', more: true }; page.more; ) {
    const { alternatives, has_more } = (await ask('GET', `${url}/alternatives?limit=1${page.after}`)).json();
    seen.push(alternatives[0].alternative_id);
    page = { after: `&after=${seen.at(-1)}`, more: has_more };
  }
  expect(seen).toEqual((await ask('GET', `${url}/items`)).json().points[0].ids);
  expect(seen).toHaveLength(4);
});

onEachDatabase('a set-aside item that is larger than a page is read whole', async ({ ask }) => {
  const text = `${'ä"\\'.repeat(500_000)}end`;
  const url = await begin(ask, 'a', text, 'b');
  await ask('POST', `${url}/alternatives`, { from: 1, to: 2 });
  const page = (await ask('GET', `${url}/items?alternative=1&after=0`)).json();
  expect(page.items.map(({ item }: { item: { content: string } }) => item.content === text)).toEqual([true]);
  expect(page.has_more).toBe(true);
  await ask('POST', `${url}/alternatives/1/select`);
  const { conversation } = (await ask('GET', url)).json();
  expect(conversation[1].content === text).toBe(true);
  expect([conversation[0], conversation[2]]).toEqual([say('a'), say('b')]);
});

onEachDatabase('what is not there, busy or somebody else’s is refused', async ({ ask, app }) => {
  const url = await begin(ask, 'a', 'b');
  const stranger = asUser(app, newUser());
  for (const who of [stranger, ask]) {
    const chat = who === stranger ? url : '/chats/none';
    expect(await status(who('POST', `${chat}/alternatives`, { from: 0, to: 1 }))).toEqual([
      404,
      'chat_not_found',
    ]);
    expect(await status(who('GET', `${chat}/alternatives`))).toEqual([404, 'chat_not_found']);
    expect(await status(who('POST', `${chat}/alternatives/0/select`))).toEqual([404, 'chat_not_found']);
  }
  expect(await status(ask('POST', `${url}/alternatives/9/select`))).toEqual([404, 'alternative_not_found']);
  expect(await status(ask('POST', `${url}/alternatives`, { from: -1 }))).toEqual([400, 'invalid_request']);
  expect(await status(ask('POST', `${url}/alternatives/x/select`))).toEqual([400, 'invalid_request']);
  const session_id = url.split('/').at(-1);
  await ask('POST', '/chat/run', { input: 'Remember that the dragon sleeps', session_id });
  const notes = (await ask('POST', '/chat/run', { input: 'Show my notes', session_id })).json();
  const noteId = /\(([\w-]+)\)/.exec(notes.final_output)?.[1];
  const waiting = (await ask('POST', '/chat/run', { input: `Delete the note ${noteId}`, session_id })).json();
  expect(waiting.pending).toHaveLength(1);
  for (const path of ['alternatives', 'alternatives/0/select'])
    expect(
      await status(ask('POST', `${url}/${path}`, path === 'alternatives' ? { from: 0, to: 1 } : undefined)),
    ).toEqual([409, 'approval_pending']);
});
