import { type FieldProblem, QuestlogError } from '../errors.ts';
import { describeUnknown } from '../options.ts';

/** What may stand in an HTTP header: errors of `fetch` quote what may not. */
const HEADER_TEXT = /^[!-~]+$/;

/** Kubernetes and Docker put these into the environment of whoever is beside a service with such a name. */
const OF_SERVICE = /_SERVICE_(HOST|PORT)(_|$)|_PORT(_\d+_|$)/;

export type Env = Readonly<Record<string, string | undefined>>;

/** Reads variables and collects what is wrong with them, so that all is said at once. */
export class EnvReader {
  readonly #env: Env;
  readonly #problems: FieldProblem[] = [];
  readonly #asked = new Set<string>();

  constructor(env: Env) {
    this.#env = env;
  }

  readonly text = (name: string): string | undefined => {
    this.#asked.add(name);
    const value = this.#env[name]?.trim();
    return value === '' ? undefined : value;
  };

  readonly number = (name: string, otherwise: number, least: number, most: number, what?: string): number =>
    this.optionalNumber(name, least, most, what) ?? otherwise;

  readonly optionalNumber = (
    name: string,
    least: number,
    most: number,
    what = 'a whole number',
  ): number | undefined => {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return number;
    this.problem(name, `must be ${what} from ${least} to ${most}`);
    return undefined;
  };

  readonly oneOf = <Value extends string>(name: string, values: readonly Value[]): Value | undefined => {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const known = values.find((candidate) => candidate === value);
    if (known === undefined) this.problem(name, `must be one of ${values.join(', ')}`);
    return known;
  };

  readonly url = (name: string): string | undefined => {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
      this.problem(name, 'must be an http:// or https:// URL');
    } else if (url.username !== '' || url.password !== '') {
      this.problem(name, 'must not hold credentials');
    }
    return value;
  };

  readonly matching = (name: string, pattern: RegExp, message: string): string | undefined => {
    const value = this.text(name);
    if (value !== undefined && !pattern.test(value)) this.problem(name, message);
    return value;
  };

  readonly headerText = (name: string): string | undefined =>
    this.matching(name, HEADER_TEXT, 'must be printable ASCII');

  /** Values with commas between them. */
  readonly list = (name: string): string[] => {
    const values = (this.text(name) ?? '').split(',').map((value) => value.trim());
    return values.filter((value) => value !== '');
  };

  /** A slip in the name of one variable must not take away what it begins, such as the sign-in. */
  refuseWithout(main: string, others: readonly string[]): void {
    if (this.text(main) !== undefined) return;
    for (const name of others.filter((other) => this.text(other) !== undefined)) {
      this.problem(name, `is set, but ${main} is not`);
    }
  }

  /** Of those with this beginning, what nobody has asked for is a slip. */
  refuseUnknown(prefix: string): void {
    const toSuffix = (name: string) => name.slice(prefix.length);
    const known = [...this.#asked].filter((name) => name.startsWith(prefix)).map(toSuffix);
    const others = Object.keys(this.#env).filter((name) => name.startsWith(prefix) && !this.#asked.has(name));
    for (const name of others.filter((other) => !OF_SERVICE.test(other) && this.text(other) !== undefined)) {
      this.problem(name, describeUnknown(toSuffix(name), known, prefix));
    }
  }

  problem(field: string, message: string): void {
    this.#problems.push({ field, message });
  }

  finish(): void {
    if (this.#problems.length === 0) return;
    const text = this.#problems.map(({ field, message }) => `${field} ${message}`).join('; ');
    throw new QuestlogError('invalid_configuration', text, { errors: this.#problems });
  }
}

/** A member of an object that is there only with a value. */
export function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}
