import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/server/config.ts';
import { refusalOf } from '../support/config.ts';
import { newFolder } from '../support/databases.ts';

test('a table of prices is read at the start, and what is wrong in it is named', () => {
  const file = join(newFolder(), 'prices.json');
  const read = (text: string) => {
    writeFileSync(file, text);
    return { QUESTLOG_PRICES: file, QUESTLOG_LIMIT_COST: '2.50' };
  };
  const prices = { 'gpt-4.1': { input: 2, cachedInput: 0.5, output: 8 } };
  expect(readConfig(read(`\ufeff${JSON.stringify(prices)}`)).usage).toEqual({
    prices,
    limits: { cost: 2.5 },
  });
  for (const [text, message] of [
    ['{', 'QUESTLOG_PRICES is no JSON'],
    ['[]', 'prices must be an object'],
    ['{"m":{"input":1}}', 'prices.m.output must be a number from 0'],
    ['{"m":{"input":-1,"output":1}}', 'prices.m.input must be a number from 0'],
    ['{"m":{"input":1,"output":1,"cachedInptu":1}}', 'did you mean cachedInput?'],
  ] as const) {
    const refused = refusalOf(read(text));
    expect([refused.fields, refused.message]).toEqual([
      ['QUESTLOG_PRICES'],
      expect.stringContaining(message),
    ]);
  }
  expect(refusalOf({ QUESTLOG_PRICES: `${file}.no` }).message).toContain('cannot be read (ENOENT)');
  expect(refusalOf({ QUESTLOG_LIMIT_COST: '1' }).message).toContain('needs QUESTLOG_PRICES');
});
