#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { QuestlogError } from '../errors.ts';
import { type Command, callOf, readArguments } from './commands/command.ts';
import { fail } from './commands/fail.ts';
import { COMMANDS } from './commands/list.ts';
import { report, reportFailure } from './commands/report.ts';
import { VERSION } from './version.ts';

/** The ones that are for whoever types, and their codes are those of a shell. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 };

const help: Command = {
  name: 'help',
  takes: '[COMMAND]',
  summary: 'say how questlog, or one of its commands, is called',
  async load() {
    return async ([name]) => ({
      lines: name === undefined ? usage() : usageOf(findCommand(name)),
      document: {},
    });
  },
};

const version: Command = {
  name: 'version',
  takes: '',
  summary: 'print the version',
  async load() {
    return async () => ({ lines: [VERSION], document: {} });
  },
};

const ALL: readonly Command[] = [...COMMANDS, help, version];

/** Options in place of a command. */
const ALIASES: ReadonlyMap<string, Command> = new Map([
  ['--help', help],
  ['-h', help],
  ['--version', version],
  ['-v', version],
]);

async function main([name = 'serve', ...typed]: readonly string[]): Promise<void> {
  const command = ALIASES.get(name) ?? findCommand(name);
  const { args, options } = readArguments(command, typed);
  if (options.has('help')) return report({ lines: usageOf(command), document: {} }, false);
  if (existsSync('.env')) loadEnvFile('.env');
  if (command.interrupted !== undefined) tellInterrupted(command.interrupted);
  const run = await command.load();
  const outcome = await run(args, options);
  if (outcome !== undefined) await report(outcome, options.has('json'));
}

function tellInterrupted(words: string): void {
  for (const [signal, code] of Object.entries(SIGNALS))
    process.on(signal, () => {
      process.stderr.write(`\nquestlog: interrupted; ${words}\n`);
      process.exit(code);
    });
}

function findCommand(name: string): Command {
  const command = ALL.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  throw new QuestlogError('invalid_request', `unknown command ${name}\n${usage().join('\n')}`);
}

function usage(): string[] {
  return ['usage:', ...inColumns(ALL.map((command) => [callOf(command), command.summary]))];
}

function usageOf(command: Command): string[] {
  const options = [
    ...Object.entries(command.settings ?? {}).map(
      ([name, [value, does]]) => [`--${name} ${value}`, does] as const,
    ),
    ...Object.entries(command.options ?? {}).map(([name, does]) => [`--${name}`, does] as const),
  ];
  return [`usage: ${callOf(command)}`, `  ${command.summary}`, ...inColumns(options)];
}

function inColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}

// Whoever reads the standard output has had enough, as `head` has; without a reader of the standard error, work goes on.
process.stdout.on('error', () => process.exit());
process.stderr.on('error', () => {});

main(process.argv.slice(2)).catch(async (error: unknown) => {
  if (process.argv.includes('--json')) await reportFailure(error);
  fail(error);
});
