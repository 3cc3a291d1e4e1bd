import { assertObject } from '../../errors.ts';
import { type Check, type Checks, checkOptions, optional } from '../../options.ts';
import type { Tokens } from '../../store/usage/count-call.ts';

/** What a model costs, in money for a million tokens. */
export interface Price {
  /** Tokens that it is asked with. */
  readonly input: number;
  /** Those of them that the provider had in its cache. Default: as the others. */
  readonly cachedInput?: number | undefined;
  /** Tokens that it gives, those of its reasoning included. */
  readonly output: number;
}

/** What models cost, by their names. All in one currency. */
export type Prices = Readonly<Record<string, Price>>;

const MAX_PRICE = 1e9;
/** Behind the point: a token of the cheapest models costs some ten millionths. */
const DIGITS = 12;

const isPrice: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= MAX_PRICE
    ? undefined
    : 'must be a number from 0: the money for a million tokens';

const PRICE: Checks<Price> = { input: isPrice, cachedInput: optional(isPrice), output: isPrice };

/** @throws QuestlogError `invalid_request` naming what is wrong, such as `prices.gpt-5.output`. */
export function checkPrices(prices: unknown): asserts prices is Prices {
  assertObject('prices', prices);
  for (const [model, price] of Object.entries(prices)) {
    const name = `prices.${model}`;
    checkOptions(price, PRICE, { name, prefix: `${name}.` });
  }
}

/**
 * What a call costs, in decimal digits.
 *
 * @param names of the model, the one that is looked for first in front.
 * @returns null where none of them has a price, or where it is not known what the call was used for.
 */
export function toCost(
  prices: Prices,
  names: readonly (string | undefined)[],
  tokens: Tokens | undefined,
): string | null {
  const name = names.find((one) => one !== undefined && Object.hasOwn(prices, one));
  const price = name === undefined ? undefined : prices[name];
  if (price === undefined || tokens === undefined || tokens.input + tokens.output === 0) return null;
  const { input, cachedInput, output } = tokens;
  const money =
    (input - cachedInput) * price.input +
    cachedInput * (price.cachedInput ?? price.input) +
    output * price.output;
  return (money / 1e6).toFixed(DIGITS);
}
