import { assertObject, type ErrorCode, QuestlogError } from './errors.ts';

/** What is wrong with the value of an option; undefined: nothing. */
export type Check = (value: unknown) => string | undefined;

/** Each option that there is, and what its value must be. */
export type Checks<Options> = Readonly<Record<keyof Options, Check>>;

/** For what is checked in words of its own, where it is used. */
export const isAnything: Check = () => undefined;
export const isFunction: Check = (value) => (typeof value === 'function' ? undefined : 'must be a function');
export const isText: Check = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'must be a text that is not empty';
/** Of bytes or milliseconds. */
export const isAmount: Check = (value) =>
  typeof value === 'number' && value >= 0 ? undefined : 'must be a number from 0';
export const isCount: Check = (value) =>
  Number.isSafeInteger(value) && Number(value) > 0 ? undefined : 'must be a positive whole number';

export const isHttpUrl: Check = (value) =>
  typeof value === 'string' && /^https?:/i.test(value) && URL.canParse(value)
    ? undefined
    : 'must be an http or https URL';

export function isMatch(pattern: RegExp, message: string): Check {
  return (value) => (typeof value === 'string' && pattern.test(value) ? undefined : message);
}

/** @param what it is, such as `an object with these functions`. */
export function has(what: string, ...methods: readonly string[]): Check {
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof Reflect.get(value, method) === 'function')
      ? undefined
      : `must be ${what}`;
}

/** For what may be left out. */
export function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value));
}

/** Where options stand, and how they are refused. */
interface Place {
  /** The name of the argument. Default: `options`. */
  readonly name?: string;
  /** What stands before the name of an option, such as `runOptions.`. Default: nothing. */
  readonly prefix?: string;
  /** Default: `invalid_request`. */
  readonly code?: ErrorCode;
}

/**
 * Refuses options that are missing or wrong, and those that there are not: a misspelt one would be ignored without a word.
 *
 * @throws QuestlogError that names each of them.
 */
export function checkOptions<Options>(
  options: unknown,
  checks: Checks<Options>,
  { name = 'options', prefix = '', code = 'invalid_request' }: Place = {},
): void {
  assertObject(name, options, code);
  const known = Object.keys(checks);
  const unknown = Object.keys(options)
    .filter((option) => !known.includes(option))
    .slice(0, MAX_UNKNOWN);
  const errors = [...unknown, ...known].flatMap((option) => {
    const check = Object.hasOwn(checks, option) ? checks[option as keyof Options] : undefined;
    const message =
      check === undefined ? describeUnknown(option, known) : check(Reflect.get(options, option));
    return message === undefined ? [] : [{ field: `${prefix}${shorten(option)}`, message }];
  });
  if (errors.length === 0) return;
  const text = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new QuestlogError(code, text, { errors });
}

/** An app may pass on what a request holds: of that no more than a person reads is told. */
const MAX_UNKNOWN = 10;
const MAX_NAME_LENGTH = 64;

function shorten(name: string): string {
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH).toWellFormed()}…` : name;
}

const MAX_EDITS = 3;

/**
 * What to say of a name that is none of these.
 *
 * @param prefix what stands before all of them, and makes none more like another.
 */
export function describeUnknown(name: string, names: readonly string[], prefix = ''): string {
  const alike = names.filter((known) => Math.abs(known.length - name.length) <= MAX_EDITS);
  const near = alike.flatMap((known) => {
    const edits = countEdits(name.toLowerCase(), known.toLowerCase());
    return edits <= Math.min(MAX_EDITS, Math.max(name.length, known.length) / 3) ? [{ known, edits }] : [];
  });
  const [nearest] = near.sort((a, b) => a.edits - b.edits);
  return nearest === undefined ? 'is not known' : `is not known: did you mean ${prefix}${nearest.known}?`;
}

/** How many letters to put in, take out or replace make one text of the other (Levenshtein). */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [at, other] of [...to].entries()) {
      const [replaced = 0, takenOut = 0, putIn = 0] = [row[at], row[at + 1], next[at]];
      next.push(Math.min(replaced + Number(letter !== other), takenOut + 1, putIn + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
