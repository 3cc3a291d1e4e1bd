import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { QuestlogError } from '../errors.ts';

const LOCK_FILE = 'questlog.lock';
const SETTLE_MS = 50;

/** Who holds a folder. `started` tells a process from a later one that got the same pid. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly started: string;
  readonly token: string;
}

/**
 * Takes the folder for this process until the returned function is called. A lock that a dead process left is taken
 * over; one is never judged by its age, because a busy database blocks its process for a long time.
 *
 * @throws QuestlogError `database_locked` naming the process that holds it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_FILE);
  const me: Holder = {
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid),
    token: randomUUID(),
  };
  const mine = JSON.stringify(me);
  if (!(await create(path, mine))) {
    await removeStale(path);
    if (!(await create(path, mine))) throw held(path, await read(path));
    // Another process may have judged the same stale lock and moved ours away meanwhile.
    await sleep(SETTLE_MS);
    const now = await read(path);
    if (now !== mine) throw held(path, now);
  }
  return async () => {
    if ((await read(path)) === mine) await rm(path, { force: true });
  };
}

/** Moves a dead process's lock out of the way, or throws when its holder lives. */
async function removeStale(path: string): Promise<void> {
  const judged = await read(path);
  if (judged === undefined) return;
  if (await isAlive(parse(judged))) throw held(path, judged);
  const aside = `${path}.${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await read(aside);
  if (moved !== undefined && moved !== judged) {
    await create(path, moved);
    await rm(aside, { force: true });
    throw held(path, moved);
  }
  await rm(aside, { force: true });
}

async function isAlive(holder: Holder | undefined): Promise<boolean> {
  if (holder === undefined) return false;
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return (await startOf(holder.pid)) === holder.started;
}

/** When a process began, as this machine's kernel tells it; '' where it does not (then the pid alone decides). */
async function startOf(pid: number): Promise<string> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // proc(5): the fields after the command's name in parentheses; starttime is field 22.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${boot.trim()}:${ticks}`;
  } catch {
    return '';
  }
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** A lock that cannot be read was cut off while it was written: by a process that died. */
function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

function held(path: string, text: string | undefined): QuestlogError {
  const holder = text === undefined ? undefined : parse(text);
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new QuestlogError(
    'database_locked',
    `the data folder is in use by ${who}; stop it first (or remove ${path} if it is surely gone)`,
  );
}
