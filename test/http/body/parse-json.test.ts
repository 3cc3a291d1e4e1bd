import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonScanner } from '../../../src/http/body/json-scanner.ts';
import { parseJson } from '../../../src/http/body/parse-json.ts';
import { Turns } from '../../../src/turns.ts';

const LONG = 'x'.repeat(70_000);

/** What a long body is parsed to: undefined when it is refused. */
async function parseLong(text: string): Promise<unknown> {
  const body = Buffer.from(text);
  const scanner = new JsonScanner({ maxValues: 1e9, maxItems: 1e9 });
  for (let end = 0; end < body.length; end += 16_384) scanner.scan(body.subarray(0, end));
  scanner.scan(body);
  return parseJson(body, { lists: scanner.lists, turns: new Turns(), userId: 'ann' }).catch(() => undefined);
}

function parseAtOnce(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const lists = fc.array(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), { maxLength: 5 });
const bodies = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.oneof(lists, fc.jsonValue()), {
  maxKeys: 5,
});

test('a long body is what JSON.parse makes of it, and refused where that refuses it, however it is damaged', async () => {
  const damage = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.integer({ min: 0, max: 3 }),
    added: fc.constantFrom(
      '',
      ',',
      '[',
      ']',
      '{',
      '}',
      '"',
      ' ',
      ':',
      '1',
      '\\',
      '\uFEFF',
      '[]',
      ',"a":[1,2]',
    ),
  });
  await fc.assert(
    fc.asyncProperty(
      bodies,
      fc.constantFrom(undefined, 1),
      fc.array(damage, { maxLength: 2 }),
      fc.boolean(),
      async (body, space, damages, atEnd) => {
        const rest = JSON.stringify(body, null, space).slice(1);
        const comma = rest === '}' ? '' : ',';
        let text = atEnd ? `{${rest}` : `{"long":"${LONG}"${comma}${rest}`;
        const begin = atEnd ? 0 : LONG.length + 10;
        for (const { at, removed, added } of damages) {
          const place = begin + Math.floor(at * (text.length - begin));
          text = text.slice(0, place) + added + text.slice(place + removed);
        }
        if (atEnd) text = text.replace(/\}$/, `${comma}"long":["${LONG}", {"a":[]}]}`);
        // As its bytes say it: damage may leave half of a character of two.
        const sent = Buffer.from(text)
          .toString()
          .replace(/^\uFEFF/, '');
        expect(await parseLong(text)).toEqual(parseAtOnce(sent));
      },
    ),
    { numRuns: 300 },
  );
});

test('a long list of lists is what it says', async () => {
  const text = `[["${LONG}",{"a":[1,2]},[]],[],[3],4]`;
  expect(await parseLong(text)).toEqual(JSON.parse(text));
});

test('a key that comes twice has its last value, and both must be JSON', async () => {
  const twice = (first: string) => `{"long":"${LONG}","a":[${first}],"a":[2],"__proto__":[3,4]}`;
  expect(await parseLong(twice('1'))).toEqual(JSON.parse(twice('1')));
  expect(Object.keys((await parseLong(twice('1'))) as object)).toEqual(['long', 'a', '__proto__']);
  expect(await parseLong(twice('one'))).toBeUndefined();
});
