import { QuestlogError } from '../../errors.ts';

/** What `questlog` does when its first argument is `name`. */
export interface Command {
  readonly name: string;
  /** The arguments after it, such as `FROM TO`. In brackets: what can be left out, options as they are typed. */
  readonly takes: string;
  /** For people, in a line. */
  readonly summary: string;
  /** @param args as many as it takes, and no option that it does not. */
  run(args: readonly string[]): Promise<void>;
}

/** @throws QuestlogError `invalid_request` that says how the command is called. */
export function checkArguments({ name, takes }: Command, args: readonly string[]): void {
  const words = takes.split(' ').filter((word) => word !== '');
  const required = words.filter((word) => !word.startsWith('['));
  const unknown = args.find((arg) => arg.startsWith('-') && !words.includes(`[${arg}]`));
  if (
    unknown !== undefined ||
    args.includes('') ||
    args.length < required.length ||
    args.length > words.length
  ) {
    const problem = unknown === undefined ? '' : `unknown option ${unknown}; `;
    throw new QuestlogError('invalid_request', `${problem}usage: questlog ${name} ${takes}`.trimEnd());
  }
}
