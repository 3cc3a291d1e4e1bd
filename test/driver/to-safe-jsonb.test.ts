import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import { DATABASES } from '../support/databases.ts';
import { growth } from '../support/timing.ts';

/** What `jsonb` can hold of a string. */
const safe = (text: string) => text.toWellFormed().replaceAll('\u0000', '\ufffd');

/** Any string of UTF-16 units, most of them such as make trouble. */
const strings = fc
  .array(
    fc.oneof(
      fc.constantFrom('\u0000', '\u0001', '\u0002', '\ud83d', '\ude00', '\udbff', '\udfff', '\\', 'u0000'),
      fc.constantFrom(
        '\\u0000',
        '\\ud800',
        '\\udc00',
        '\\\\',
        '"',
        '\n',
        'ud83d',
        'ude00',
        'é',
        '😀',
        '\ufffd',
      ),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
  )
  .map((parts) => parts.join(''));

/** JSON's other spelling, which other writers use: every unit escaped, in capitals. */
const escaped = (text: string) =>
  `"${Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).toUpperCase().padStart(4, '0')}`).join('')}"`;

async function toSafe(db: Database, texts: string[]): Promise<unknown[]> {
  const rows = await query<{ safe: string }>(db, {
    text: `select to_safe_jsonb(text::json)::text as safe from unnest($1::text[]) with ordinality as t(text, place)
      order by place`,
    values: [texts],
  });
  return rows.map((row) => JSON.parse(row.safe));
}

describe.each(DATABASES)('to_safe_jsonb on $name', ({ open }) => {
  it('keeps every string except for NUL and lone surrogates, which become U+FFFD', async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(strings, { minLength: 1, maxLength: 20 }), async (texts) => {
        expect(
          await toSafe(
            db,
            texts.map((text) => JSON.stringify(text)),
          ),
        ).toEqual(texts.map(safe));
        expect(await toSafe(db, texts.map(escaped))).toEqual(texts.map(safe));
      }),
      { numRuns: 150 },
    );
  });

  it('treats keys and nested values alike', async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(strings, strings, async (key, value) => {
        const item = { type: 'x', content: [{ [`k${key}`]: value }, 1.5, null, true] };
        const expected = { type: 'x', content: [{ [`k${safe(key)}`]: safe(value) }, 1.5, null, true] };
        expect(await toSafe(db, [JSON.stringify(item)])).toEqual([expected]);
      }),
      { numRuns: 100 },
    );
  });

  it('needs no more than seconds for a long item that is full of them', async () => {
    const db = await open();
    for (const bad of ['\u0000', '\ud800', '\udc00']) {
      const safeTimes = async (times: number) =>
        expect(await toSafe(db, [JSON.stringify(bad.repeat(times))])).toEqual(['\ufffd'.repeat(times)]);
      // Sixteen times as many would take 256 times as long if each looked back at all the others.
      const grown = await growth(
        () => safeTimes(1_250),
        () => safeTimes(20_000),
        5,
      );
      expect(grown).toBeLessThan(64);
    }
  });
});
