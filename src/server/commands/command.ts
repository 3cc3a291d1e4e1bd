import { parseArgs } from 'node:util';
import { QuestlogError } from '../../errors.ts';

/** How `questlog` is called when its first argument is `name`. */
export interface Command {
  readonly name: string;
  /** The arguments after it, such as `FROM TO`. In brackets: what can be left out. */
  readonly takes: string;
  /** What each option does that takes no value, by its name without `--`. Default: there are none. */
  readonly options?: Readonly<Record<string, string>>;
  /** The options that take a value: what it is, such as `FILE`, and what the option does. Default: there are none. */
  readonly settings?: Readonly<Record<string, readonly [takes: string, does: string]>>;
  /** For people, in a line. */
  readonly summary: string;
  /** What a signal that ends it leaves, and how to go on. Default: nobody needs to be told, or it ends by itself. */
  readonly interrupted?: string;
  /** Imports what it needs only now: help, and each other command, starts without it. */
  load(): Promise<Run>;
}

/**
 * What a command does.
 *
 * @param args as many as it takes, and none of them empty.
 * @param options the names of those that are given, and the values of those that take one.
 * @returns how it ended. Undefined: it has said everything, and its process ends by itself.
 */
export type Run = (args: readonly string[], options: Options) => Promise<Outcome | undefined>;

/** How a command ended. */
export interface Outcome {
  /** For people. */
  readonly lines: readonly string[];
  /** The same for programs, with `--json`. */
  readonly document: object;
  /** Whether all was done, and all is well. Default: it is. */
  readonly ok?: boolean;
}

/** The options that are given, by name; what takes no value is there with an empty one. */
export type Options = ReadonlyMap<string, string>;

/** How a command is called, without what it does. */
export function callOf({ name, takes, options = {}, settings = {} }: Command): string {
  const optional = [
    ...Object.entries(settings).map(([setting, [value]]) => `[--${setting} ${value}]`),
    ...Object.keys(options).map((option) => `[--${option}]`),
  ];
  return ['questlog', name, ...optional, takes].join(' ').trimEnd();
}

/**
 * Reads what was typed after the name of a command; `help` is an option of each.
 *
 * @throws QuestlogError `invalid_request` that says what is wrong with it, and how the command is called.
 */
export function readArguments(
  command: Command,
  typed: readonly string[],
): { readonly args: readonly string[]; readonly options: Options } {
  const { values, positionals: args } = parse(command, typed);
  const words = command.takes.split(' ').filter((word) => word !== '');
  const required = words.filter((word) => !word.startsWith('['));
  const options = new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  const isRight = args.length >= required.length && args.length <= words.length && !args.includes('');
  if (isRight || options.has('help')) return { args, options };
  throw new QuestlogError('invalid_request', `usage: ${callOf(command)}`);
}

function parse(command: Command, typed: readonly string[]) {
  const { options: flags = {}, settings = {} } = command;
  const options = Object.fromEntries([
    ...Object.keys(flags).map((name) => [name, { type: 'boolean' as const }] as const),
    ...Object.keys(settings).map((name) => [name, { type: 'string' as const }] as const),
  ]);
  try {
    return parseArgs({
      args: [...typed],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    // Its first sentence: the others tell of `--`.
    const [problem] = String(Reflect.get(Object(error), 'message')).split('. ');
    throw new QuestlogError('invalid_request', `${problem}; usage: ${callOf(command)}`);
  }
}
