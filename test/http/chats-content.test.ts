import { expect } from 'vitest';
import { type Ask, onEachDatabase } from '../support/app.ts';

const BACKSLASH = '\\';
/** JSON texts of strings, each as `JSON.stringify` writes it. */
const ODD_STRINGS: readonly string[] = [
  '""',
  '" "',
  `"${BACKSLASH}u0000"`,
  `"a${BACKSLASH}u0000b"`,
  `"${BACKSLASH}ud83d"`,
  `"${BACKSLASH}ude00${BACKSLASH}ud83d"`,
  `"${BACKSLASH}${BACKSLASH}u0000"`,
  `"${BACKSLASH}n${BACKSLASH}t${BACKSLASH}"${BACKSLASH}${BACKSLASH}/"`,
  JSON.stringify('🎲👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿'),
  JSON.stringify('שלום ‮dlrow olleh‬ مرحبا'),
  JSON.stringify('\u2028\u2029\ufeff\uffff\u200b'),
  JSON.stringify('\ufeffbegins with a byte order mark'),
  JSON.stringify("'; drop table chats; -- $1 $$ %s {} #{x} `id`"),
  JSON.stringify('é e\u0301 ﬀ İ ß'),
  JSON.stringify('x'.repeat(10_000)),
  JSON.stringify('\ud7ff\ue000\u{10ffff}'),
];

const NUMBERS =
  '[1.7976931348623157e+308,-1.7976931348623157e+308,5e-324,-0,0.1,9007199254740991,1e+21,1e-7]';

/** The conversation of a reply, as the text that was sent. */
function conversationText(body: string): string {
  return body.slice(body.indexOf('"conversation":') + '"conversation":'.length, -1);
}

async function expectKept(ask: Ask, conversation: string): Promise<void> {
  const made = await ask('POST', '/chats', `{"conversation":${conversation}}`);
  expect(made.statusCode, made.body.slice(0, 300)).toBe(201);
  expect(conversationText(made.body)).toBe(conversation);
  const { chat_id: id } = made.json();
  expect(conversationText((await ask('GET', `/chats/${id}`)).body)).toBe(conversation);
  const put = await ask('PUT', `/chats/${id}`, `{"conversation":${conversation}}`);
  expect(conversationText(put.body)).toBe(conversation);
  expect(conversationText((await ask('GET', `/chats/${id}`)).body)).toBe(conversation);
  const { items } = (await ask('GET', `/chats/${id}/items?limit=1000`)).json();
  expect(JSON.stringify(items.map(({ item }: { item: unknown }) => item))).toBe(
    JSON.stringify(JSON.parse(conversation)),
  );
}

onEachDatabase('odd strings in items come back byte for byte, in values and in keys', async ({ ask }) => {
  const items = ODD_STRINGS.map((text) => `{"role":"user","content":${text},${text}:1,"last":true}`);
  await expectKept(ask, `[${items.join(',')}]`);
});

onEachDatabase('keys stay in their order, and no key is special', async ({ ask }) => {
  await expectKept(
    ask,
    '[{"z":1,"a":{"y":2,"b":[]},"__proto__":{"admin":true},"constructor":{"prototype":null},"toString":"x",' +
      '"hasOwnProperty":false,"":"","__type":"Uint8Array","data":"AAEC"},{"__type":"Uint8Array","data":"AAEC"},{}]',
  );
});

onEachDatabase('numbers at the limits of a double keep their value, -0 its sign', async ({ ask }) => {
  await expectKept(ask, `[{"numbers":${NUMBERS}}]`);
});

onEachDatabase('a number that no double can hold is refused with its path', async ({ ask }) => {
  const { chat_id: id } = (await ask('POST', '/chats', {})).json();
  for (const number of ['1e400', '-1e400']) {
    const body = `{"conversation":[{},{"content":[{"x":${number}}]}]}`;
    for (const reply of [await ask('POST', '/chats', body), await ask('PUT', `/chats/${id}`, body)]) {
      expect([reply.statusCode, reply.json()]).toMatchObject([
        400,
        { code: 'invalid_item', errors: [{ field: 'conversation[1].content[0].x' }] },
      ]);
    }
  }
  expect((await ask('GET', '/chats?include=conversation')).json()).toMatchObject({
    total: 1,
    chats: [{ chat_id: id, conversation: [] }],
  });
});

onEachDatabase('an item nested deeper than the limit is refused, however deep', async ({ ask }) => {
  const nested = (depth: number) => `{"conversation":[{"x":${'['.repeat(depth)}${']'.repeat(depth)}}]}`;
  expect((await ask('POST', '/chats', nested(900))).statusCode).toBe(201);
  for (const depth of [1_001, 100_000, 2_000_000]) {
    const reply = await ask('POST', '/chats', nested(depth));
    expect([reply.statusCode, reply.json().code], String(depth)).toEqual([400, 'invalid_request']);
    expect(reply.body.length).toBeLessThan(1_000);
  }
});

onEachDatabase(
  'a title keeps every string that PostgreSQL can hold and refuses the others',
  async ({ ask }) => {
    for (const text of ODD_STRINGS) {
      const title: string = JSON.parse(text);
      const reply = await ask('POST', '/chats', `{"title":${text}}`);
      const isText = title.isWellFormed() && !title.includes('\0') && !title.startsWith('\ufeff');
      const storable = isText && title.length <= 500;
      expect(reply.statusCode, text.slice(0, 80)).toBe(storable ? 201 : 400);
      if (storable) {
        expect((await ask('GET', String(reply.headers.location))).json().title).toBe(title);
      } else {
        expect(reply.json().errors).toMatchObject([{ field: 'title' }]);
      }
    }
  },
);

onEachDatabase('5,000 items are sent as the text that was put, in valid JSON', async ({ ask }) => {
  const items = Array.from({ length: 5_000 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: `${index} ${'words of the tale '.repeat(20)}`,
    z: index,
    a: null,
  }));
  const conversation = JSON.stringify(items);
  expect(conversation.length).toBeGreaterThan(1_000_000);
  const { chat_id: id } = (await ask('POST', '/chats', {})).json();
  const put = await ask('PUT', `/chats/${id}`, `{"conversation":${conversation}}`);
  expect(put.statusCode).toBe(200);
  const get = await ask('GET', `/chats/${id}`);
  expect(get.body).toBe(put.body);
  expect(conversationText(get.body) === conversation).toBe(true);
  expect(get.json()).toMatchObject({ chat_id: id, title: null });
  const list = (await ask('GET', '/chats?include=conversation')).json();
  expect(list).toMatchObject({ total: 1, next_cursor: null });
  expect(list.chats[0].conversation).toHaveLength(5_000);
  expect((await ask('GET', `/chats/${id}/items?limit=1000`)).json()).toMatchObject({ has_more: true });
});

onEachDatabase('every size around the pieces of a long reply is valid JSON', async ({ ask }) => {
  for (const length of [999_700, 999_900, 1_000_000, 1_000_300, 2_000_100]) {
    const conversation = [length, 10, length].map((size) => ({ content: '😀'.repeat(size / 4) }));
    const { chat_id: id } = (await ask('POST', '/chats', { conversation })).json();
    expect((await ask('GET', `/chats/${id}`)).json().conversation).toEqual(conversation);
    await ask('DELETE', `/chats/${id}?permanent=true`);
  }
});
