#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { QuestlogError } from '../errors.ts';
import { readConfig } from './config.ts';
import { type RunningServer, startServer } from './start.ts';

/** Running requests get this long; then the process ends whatever they do. */
const STOP_WITHIN_MS = 4_800;

async function main(): Promise<void> {
  if (existsSync('.env')) loadEnvFile('.env');
  const server = await startServer(readConfig(process.env));
  process.stdout.write(`${server.summary.join('\n')}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(server));
}

function stop(server: RunningServer): void {
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  server.stop().then(
    () => process.exit(0),
    (error: unknown) => fail(error),
  );
}

function fail(error: unknown): never {
  const lines =
    error instanceof QuestlogError && error.code !== 'internal'
      ? [error.message, ...causeOf(error)]
      : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  process.stderr.write(`questlog: ${lines.join(': ')}\n`);
  process.exit(1);
}

/** The driver's own words, which say whether the host, the password or the name is wrong. */
function causeOf(error: QuestlogError): string[] {
  return error.cause instanceof Error && error.cause.message !== ''
    ? [error.cause.message.split('\n')[0] ?? '']
    : [];
}

main().catch(fail);
