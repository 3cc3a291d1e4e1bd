import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { QuestlogError } from '../../errors.ts';

const LOCK_FILE = 'questlog.lock';

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
  const draft = `${path}.${me.token}`;
  await writeFile(draft, mine);
  try {
    await take(path, draft);
  } finally {
    await rm(draft, { force: true });
  }
  return async () => {
    if ((await read(path)) === mine) await rm(path, { force: true });
  };
}

/**
 * Makes `path` a copy of `draft`, unless a living process holds it. Of many processes that find the same dead holder
 * one may succeed it: the one that takes the holder's *heir*, a lock file of its own. That a successor is not replaced
 * by a slower process follows from the second look: a token never comes back, so the heir still counts only while the
 * dead holder's lock is in place, and only the heir's holder moves it away.
 */
async function take(path: string, draft: string): Promise<void> {
  while (!(await publish(draft, path))) {
    const judged = await read(path);
    if (judged === undefined) continue; // released a moment ago
    const holder = parse(judged);
    if (holder !== undefined && (await isAlive(holder))) throw held(path, holder);
    const heir = `${path}.${createHash('sha1').update(judged).digest('hex').slice(0, 12)}`;
    await take(heir, draft);
    if ((await read(path)) === judged) return rename(heir, path);
    await rm(heir);
  }
}

/** Puts `draft` at `path` if nothing is there. A link appears whole: no process can read half a lock. */
async function publish(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  const started = await startOf(holder.pid);
  return started === '' || started === holder.started;
}

/** When a process began, as this machine's kernel tells it; '' where it does not (then the pid alone decides). */
async function startOf(pid: number): Promise<string> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // proc(5): after the command's name in parentheses comes field 3, the state; starttime is field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A killed process whose parent has not noticed yet.
    if (fields[0] === 'Z') return 'ended';
    return `${boot.trim()}:${fields[19]}`;
  } catch {
    return '';
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A lock that is no JSON was cut off: the machine went down before its content reached the disk. */
function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

function held(path: string, { pid, host }: Holder): QuestlogError {
  return new QuestlogError(
    'database_locked',
    `the data folder is in use by process ${pid} on ${host}; stop it first (or remove ${path} if it is surely gone)`,
  );
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
