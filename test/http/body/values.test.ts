import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countValues } from '../../../src/http/body/parse-json.ts';
import { onEachDatabase } from '../../support/app.ts';

const TEN_MB = 10_000_000;

onEachDatabase('a body of more than a million values is refused before it is parsed', async ({ ask }) => {
  const bodies = [
    `{"conversation":[${Array(3_300_000).fill('{}').join(',')}]}`,
    `{"conversation":${'['.repeat(TEN_MB / 2 - 20)}${']'.repeat(TEN_MB / 2 - 20)}}`,
    `{"conversation":[{${Array.from({ length: 1_000_000 }, (_, key) => `"${key.toString(36)}":1`).join(',')}}]}`,
    // Not even JSON.
    '{'.repeat(1_000_001),
  ];
  for (const body of bodies) {
    const reply = await ask('POST', '/chats', body);
    expect([reply.statusCode, reply.json()]).toMatchObject([
      413,
      { code: 'payload_too_large', errors: [{ field: 'body', message: 'has more than 1000000 values' }] },
    ]);
  }
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

test('the count of values is right for any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(undefined, 2), (value, space) => {
      const count = countValues(Buffer.from(JSON.stringify(value, null, space)), Number.POSITIVE_INFINITY);
      expect(count).toBe(valuesIn(value));
    }),
  );
});
