import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonScanner } from '../../../src/http/body/json-scanner.ts';
import { onEachDatabase } from '../../support/app.ts';

const TEN_MB = 10_000_000;

onEachDatabase('a body of more than a million values is refused before it is parsed', async ({ ask }) => {
  const bodies = [
    `{"conversation":[[${Array(3_300_000).fill('{}').join(',')}]]}`,
    `{"conversation":[[${Array(TEN_MB / 100)
      .fill('['.repeat(45) + ']'.repeat(45))
      .join(',')}]]}`,
    `{"conversation":[{${Array.from({ length: 1_000_000 }, (_, key) => `"${key.toString(36)}":1`).join(',')}}]}`,
    // Not even JSON.
    ','.repeat(1_000_001),
  ];
  for (const body of bodies) {
    const reply = await ask('POST', '/chats', body);
    expect([reply.statusCode, reply.json()]).toMatchObject([
      413,
      { code: 'payload_too_large', errors: [{ field: 'body', message: 'has more than 1000000 values' }] },
    ]);
  }
});

onEachDatabase('a list of more than ten thousand items is refused by its name', async ({ ask }) => {
  const list = `[${Array(10_001).fill('{}').join(',')}]`;
  for (const [body, field] of [
    [`{"title":"a","conversation":${list}}`, 'conversation'],
    [`{"a\\u0062":{"x":[]},"\\u0063":${list}}`, 'c'],
  ]) {
    const reply = await ask('POST', '/chats', body);
    expect([reply.statusCode, reply.json()]).toMatchObject([
      413,
      { code: 'payload_too_large', errors: [{ field, message: 'has more than 10000 items' }] },
    ]);
  }
});

onEachDatabase('a body of more than a thousand lists is refused before it is parsed', async ({ ask }) => {
  const reply = await ask('POST', '/chats', `[${Array(1_001).fill('[]').join(',')}]`);
  expect([reply.statusCode, reply.json()]).toMatchObject([
    413,
    { code: 'payload_too_large', errors: [{ field: 'body', message: 'has more than 1000 lists' }] },
  ]);
});

onEachDatabase('texts full of braces, quotes and commas are no values', async ({ ask }) => {
  const content = '[{"\\",'.repeat(150_000);
  const conversation = [{ role: 'user', content }, ...Array(9_999).fill({ role: 'user', content: '{[,' })];
  const reply = await ask('POST', '/chats', { conversation });
  expect(reply.statusCode).toBe(201);
  expect(reply.json().conversation).toEqual(conversation);
});

/** What the count should say: objects, lists, and members after the first. */
function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value);
  return (
    1 + Math.max(0, members.length - 1) + members.reduce<number>((sum, member) => sum + valuesIn(member), 0)
  );
}

test('the count of values is right for any JSON, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ noUnicodeString: false }),
      fc.constantFrom(undefined, 2),
      fc.integer({ min: 1, max: 9 }),
      (value, space, step) => {
        const body = Buffer.from(JSON.stringify(value, null, space));
        const scanner = new JsonScanner({ maxValues: 1e9, maxItems: 1e9 });
        for (let end = step; end < body.length + step; end += step) scanner.scan(body.subarray(0, end));
        expect(scanner.values).toBe(valuesIn(value));
      },
    ),
  );
});
