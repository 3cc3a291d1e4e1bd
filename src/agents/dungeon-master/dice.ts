import { randomInt } from 'node:crypto';
import { invalidField, type QuestlogError } from '../../errors.ts';

/** A fair die: an integer from 1 to `sides`, both included. */
export type RandomDie = (sides: number) => number;

/** One die that was rolled. A die that is not kept does not count. */
export interface Die {
  readonly value: number;
  readonly kept: boolean;
}

/** The dice of one term of a notation, such as `4d6kh3` or `-1d4`, in the order rolled. */
export interface DiceGroup {
  readonly notation: string;
  readonly dice: readonly Die[];
  /** What the term adds to the total: negative for a subtracted one. */
  readonly total: number;
}

/** The outcome of a roll. `total` is the sum of the groups and the modifier. */
export interface DiceRoll {
  /** What was rolled: lower case, without white space. */
  readonly notation: string;
  readonly groups: readonly DiceGroup[];
  readonly modifier: number;
  readonly total: number;
}

interface DiceTerm {
  readonly notation: string;
  readonly sign: 1 | -1;
  readonly count: number;
  readonly sides: number;
  readonly exploding: boolean;
  readonly keep: { readonly rule: string; readonly dice: number } | undefined;
}

interface Formula {
  readonly terms: readonly DiceTerm[];
  readonly modifier: number;
}

const MAX_LENGTH = 200;
const MAX_DICE = 1_000;
const MAX_SIDES = 1_000_000;
const MAX_MODIFIER = 1_000_000;
/** The dice that exploding dice may add to one term: `1d1!` would never end. */
const MAX_EXPLOSIONS = 100;

const TERM =
  /\s*(?<sign>[+-]?)\s*(?:(?<count>\d*)d(?<sides>\d+|%)(?<exploding>!?)(?:\s*(?<rule>[kd][hl])(?<limit>\d*))?|(?<constant>\d+))\s*/giy;

/** The default die: unpredictable, so that nobody can guess the next roll. */
export function secureDie(sides: number): number {
  return randomInt(1, sides + 1);
}

/**
 * Rolls dice notation: `d20`, `3d6+1d4-2`, `d%`, keep or drop the highest or lowest (`4d6kh3`, `2d20kl1`, `4d6dl1`,
 * `4d6dh1`; one die when the number is missing), exploding dice (`2d6!`: a highest value rolls one more die).
 *
 * @throws QuestlogError `invalid_request` about `notation`, also above 1,000 dice or 1,000,000 sides.
 */
export function rollDice(notation: string, random: RandomDie = secureDie): DiceRoll {
  const { terms, modifier } = parse(notation);
  const groups = terms.map((term) => rollTerm(term, random));
  return {
    notation: notation.replace(/\s/g, '').toLowerCase(),
    groups,
    modifier,
    total: sum(groups.map((group) => group.total)) + modifier,
  };
}

function parse(notation: string): Formula {
  if (notation.length > MAX_LENGTH) throw invalid(`must be at most ${MAX_LENGTH} characters`);
  const matches = [...notation.matchAll(TERM)];
  const complete = matches.map((match) => match[0]).join('') === notation;
  if (!complete || matches.some((match, index) => index > 0 && match.groups?.sign === '')) {
    throw invalid(`must be dice such as 4d6kh3+2, not "${notation}"`);
  }
  const terms: DiceTerm[] = [];
  let modifier = 0;
  for (const { 0: text, groups = {} } of matches) {
    const sign = groups.sign === '-' ? -1 : 1;
    if (groups.constant === undefined) terms.push(parseTerm(text.replace(/\s/g, ''), sign, groups));
    else modifier += sign * Number(groups.constant);
  }
  if (terms.length === 0) throw invalid('must have at least one die, such as d20');
  if (sum(terms.map((term) => term.count)) > MAX_DICE) throw invalid(`must have at most ${MAX_DICE} dice`);
  if (Math.abs(modifier) > MAX_MODIFIER) throw invalid(`must add or subtract at most ${MAX_MODIFIER}`);
  return { terms, modifier };
}

function parseTerm(text: string, sign: 1 | -1, dice: Record<string, string | undefined>): DiceTerm {
  const count = Number(dice.count || 1);
  const sides = dice.sides === '%' ? 100 : Number(dice.sides);
  const keep = dice.rule && { rule: dice.rule.toLowerCase(), dice: Number(dice.limit || 1) };
  if (count < 1) throw invalid('must have at least one die, such as d20');
  if (sides < 1 || sides > MAX_SIDES) throw invalid(`must have dice of 1 to ${MAX_SIDES} sides`);
  if (keep && (keep.dice < 1 || keep.dice > count)) {
    throw invalid(`must keep or drop 1 to ${count} dice in "${text}"`);
  }
  return {
    notation: text.toLowerCase().replace(/^\+/, ''),
    sign,
    count,
    sides,
    exploding: dice.exploding === '!',
    keep: keep || undefined,
  };
}

function rollTerm(term: DiceTerm, random: RandomDie): DiceGroup {
  const values: number[] = [];
  let left = term.count;
  while (left > 0) {
    const value = random(term.sides);
    values.push(value);
    const rollsAgain = term.exploding && value === term.sides;
    if (!rollsAgain || values.length + left > term.count + MAX_EXPLOSIONS) left -= 1;
  }
  const kept = keptIndexes(term.keep, values);
  const dice = values.map((value, index) => ({ value, kept: kept.has(index) }));
  const total = sum(dice.filter((die) => die.kept).map((die) => die.value));
  return { notation: term.notation, dice, total: total * term.sign };
}

function keptIndexes(keep: DiceTerm['keep'], values: readonly number[]): Set<number> {
  const ascending = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  switch (keep?.rule) {
    case 'kh':
      return new Set(ascending.slice(-keep.dice));
    case 'kl':
      return new Set(ascending.slice(0, keep.dice));
    case 'dh':
      return new Set(ascending.slice(0, -keep.dice));
    case 'dl':
      return new Set(ascending.slice(keep.dice));
    default:
      return new Set(ascending);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function invalid(message: string): QuestlogError {
  return invalidField('notation', message);
}
