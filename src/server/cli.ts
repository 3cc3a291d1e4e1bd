#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { openDatabase } from '../database/open.ts';
import { migrate } from '../driver/migrate.ts';
import { QuestlogError } from '../errors.ts';
import { copyChats } from '../store/copy.ts';
import { STOP_TIMEOUT_MS } from './closing.ts';
import { type Config, readConfig } from './config.ts';
import { type RunningServer, startServer } from './start.ts';

const ORPHAN_CHECK_INTERVAL_MS = 250;

const USAGE = `usage: questlog                  start the server (its variables: see the README)
       questlog copy FROM TO     copy all chats into an empty database, such as: copy ./data postgres://…`;

async function main([command, ...args]: readonly string[]): Promise<void> {
  if (existsSync('.env')) loadEnvFile('.env');
  const [from, to] = args;
  if (command === undefined) await serve();
  else if (command === 'copy' && from !== undefined && to !== undefined) await copy(from, to);
  else throw new QuestlogError('invalid_request', `unknown command\n${USAGE}`);
}

async function serve(): Promise<void> {
  const config = readConfig(process.env);
  const server = await startServer(config);
  process.stdout.write(`${server.summary.join('\n')}\n`);
  let stopping = false;
  const stopOnce = () => {
    if (!stopping) stop(server, config);
    stopping = true;
  };
  // Not `once`: the Agents SDK ends the process by itself as soon as it is the only listener of a signal.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => (stopping ? process.exit(1) : stopOnce()));
  }
  if (process.env.npm_lifecycle_event !== undefined) whenOrphaned(stopOnce);
}

/** `npm start` puts a shell between npm and this process, and the shell does not pass signals on: it only dies. */
function whenOrphaned(stopOnce: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stopOnce();
  }, ORPHAN_CHECK_INTERVAL_MS);
  timer.unref();
}

async function copy(from: string, to: string): Promise<void> {
  const source = await openDatabase(from);
  try {
    const target = await openDatabase(to);
    try {
      for (const db of [source, target]) await migrate(db);
      process.stdout.write(`copied ${await copyChats(source, target)} chats to ${target.location}\n`);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

function stop(server: RunningServer, { shutdownMs }: Config): void {
  setTimeout(() => process.exit(1), shutdownMs + STOP_TIMEOUT_MS).unref();
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
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? [cause.message.split('\n')[0] ?? ''] : [];
}

main(process.argv.slice(2)).catch(fail);
