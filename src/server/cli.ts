#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { QuestlogError } from '../errors.ts';
import { exportCommand } from './commands/carry/export.ts';
import { importCommand } from './commands/carry/import.ts';
import { type Command, callOf, readArguments } from './commands/command.ts';
import { copy } from './commands/copy.ts';
import { distribute } from './commands/distribute.ts';
import { doctor } from './commands/doctor.ts';
import { fail } from './commands/fail.ts';
import { forget } from './commands/forget.ts';
import { init } from './commands/init.ts';
import { migrate } from './commands/migrate.ts';
import { purge } from './commands/purge.ts';
import { dev } from './commands/serve/dev.ts';
import { serve } from './commands/serve/serve.ts';
import { VERSION } from './openapi.ts';

const help: Command = {
  name: 'help',
  takes: '[COMMAND]',
  summary: 'say how questlog, or one of its commands, is called',
  async run([name]) {
    process.stdout.write(`${name === undefined ? usage() : usageOf(findCommand(name))}\n`);
  },
};

const version: Command = {
  name: 'version',
  takes: '',
  summary: 'print the version',
  async run() {
    process.stdout.write(`${VERSION}\n`);
  },
};

const COMMANDS: readonly Command[] = [
  serve,
  dev,
  init,
  migrate,
  distribute,
  copy,
  purge,
  forget,
  exportCommand,
  importCommand,
  doctor,
  help,
  version,
];

/** Options in place of a command. */
const ALIASES: ReadonlyMap<string, Command> = new Map([
  ['--help', help],
  ['-h', help],
  ['--version', version],
  ['-v', version],
]);

/** How a process ends that was called in a way that there is not. */
const WRONG_CALL = 2;

async function main(called: readonly string[]): Promise<void> {
  const { command, args, options } = readCall(called);
  if (options.has('help')) return help.run([command.name], options);
  if (existsSync('.env')) loadEnvFile('.env');
  await command.run(args, options);
}

function readCall([name = serve.name, ...typed]: readonly string[]) {
  try {
    const command = ALIASES.get(name) ?? findCommand(name);
    const call = readArguments(command, typed);
    if (command === help) call.args.forEach(findCommand);
    return { command, ...call };
  } catch (error) {
    return fail(error, WRONG_CALL);
  }
}

function findCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  throw new QuestlogError('invalid_request', `unknown command ${name}\n${usage()}`);
}

function usage(): string {
  return ['usage:', ...inColumns(COMMANDS.map((command) => [callOf(command), command.summary]))].join('\n');
}

function usageOf(command: Command): string {
  const options = [
    ...Object.entries(command.settings ?? {}).map(
      ([name, [value, does]]) => [`--${name} ${value}`, does] as const,
    ),
    ...Object.entries(command.options ?? {}).map(([name, does]) => [`--${name}`, does] as const),
  ];
  return [`usage: ${callOf(command)}`, `  ${command.summary}`, ...inColumns(options)].join('\n');
}

function inColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}

main(process.argv.slice(2)).catch((error) => fail(error));
