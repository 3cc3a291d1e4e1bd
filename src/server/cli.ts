#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { QuestlogError } from '../errors.ts';
import { type Command, checkArguments } from './commands/command.ts';
import { copy } from './commands/copy.ts';
import { dev } from './commands/dev.ts';
import { fail } from './commands/fail.ts';
import { init } from './commands/init.ts';
import { migrate } from './commands/migrate.ts';
import { serve } from './commands/serve.ts';

const COMMANDS: readonly Command[] = [serve, dev, init, migrate, copy];

async function main([name = serve.name, ...args]: readonly string[]): Promise<void> {
  if (['help', '--help', '-h'].includes(name)) {
    process.stdout.write(`${usage()}\n`);
    return;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    throw new QuestlogError('invalid_request', `unknown command ${name}\n${usage()}`);
  }
  checkArguments(command, args);
  if (existsSync('.env')) loadEnvFile('.env');
  await command.run(args);
}

function usage(): string {
  const rows = COMMANDS.map(({ name, takes, summary }) => [`questlog ${name} ${takes}`, summary] as const);
  const width = Math.max(...rows.map(([call]) => call.length)) + 2;
  return ['usage:', ...rows.map(([call, summary]) => `  ${call.padEnd(width)}${summary}`)].join('\n');
}

main(process.argv.slice(2)).catch(fail);
