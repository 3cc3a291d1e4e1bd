import { readFileSync } from 'node:fs';
import { QuestlogError } from '../errors.ts';
import { checkPrices, type Prices } from '../run/usage/prices.ts';
import type { DayLimits } from '../store/usage/usage-days.ts';
import { type EnvReader, optional } from './env-reader.ts';

/** What models cost, and what each user may use in a day. */
export interface UsageConfig {
  readonly prices?: Prices;
  readonly limits?: DayLimits;
}

const MONEY = /^\d{1,12}(\.\d{1,6})?$/;

/** The table of prices is a file, which is read at once: what is wrong in it is said at the start. */
export function readUsage(reader: EnvReader): UsageConfig {
  const prices = readPrices(reader);
  const cost = reader.matching('QUESTLOG_LIMIT_COST', MONEY, 'must be an amount such as 2.50');
  if (cost !== undefined && reader.text('QUESTLOG_PRICES') === undefined)
    reader.problem('QUESTLOG_LIMIT_COST', 'needs QUESTLOG_PRICES: without prices nothing costs anything');
  const limits: DayLimits = {
    ...optional('runs', reader.optionalNumber('QUESTLOG_LIMIT_RUNS', 0, 1_000_000_000)),
    ...optional('tokens', reader.optionalNumber('QUESTLOG_LIMIT_TOKENS', 0, 1_000_000_000_000)),
    ...optional('cost', cost === undefined ? undefined : Number(cost)),
  };
  return {
    ...optional('prices', prices),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
}

function readPrices(reader: EnvReader): Prices | undefined {
  const path = reader.text('QUESTLOG_PRICES');
  if (path === undefined) return undefined;
  try {
    const prices: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, ''));
    checkPrices(prices);
    return prices;
  } catch (error) {
    reader.problem('QUESTLOG_PRICES', describe(error));
    return undefined;
  }
}

function describe(error: unknown): string {
  if (error instanceof QuestlogError) return `is wrong: ${error.message}`;
  const why = error instanceof SyntaxError ? error.message : String(Reflect.get(Object(error), 'code'));
  return error instanceof SyntaxError ? `is no JSON: ${why}` : `cannot be read (${why})`;
}
