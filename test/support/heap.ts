import { setTimeout as sleep } from 'node:timers/promises';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { onTestFinished, vi } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { ResumableStream } from '../../src/run/events/resumable-stream.ts';

// Counted, never weighed: compiled code and the tables of the engine come and go by megabytes.

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** How many objects of a class this process holds on to. */
export async function countInstances(type: new () => object): Promise<number> {
  await collectGarbage();
  return queryObjects(type, { format: 'count' });
}

/** How many of these are still reachable. */
export async function countHeld(refs: readonly WeakRef<object>[]): Promise<number> {
  await collectGarbage();
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

async function collectGarbage(): Promise<void> {
  // What a promise or a WeakRef has kept until the end of its turn is garbage in the next.
  for (let turn = 0; turn < 3; turn += 1) {
    await sleep(1);
    collect();
  }
}

/** What this process's runs keep of their events, from now until the test ends. */
export function watchStreams() {
  const said: WeakRef<object>[] = [];
  const logs = new Set<ResumableStream>();
  const { append } = ResumableStream.prototype;
  ResumableStream.prototype.append = function (event) {
    if (typeof event === 'object' && event !== null) said.push(new WeakRef(event));
    logs.add(this);
    append.call(this, event);
  };
  onTestFinished(() => {
    ResumableStream.prototype.append = append;
  });
  return {
    /** The events as they were before they became text. */
    said,
    /** How many letters the logs keep. */
    kept: () => [...logs].reduce((letters, log) => letters + countCharacters(log), 0),
    /** Resolves when all is in the database: a batch is as large as what waits for it, a page no smaller than a batch. */
    async stored(): Promise<void> {
      while ([...logs].some((log) => log.getUnstored().texts.length > 0)) await sleep(5);
    },
  };
}

/** How many letters readers get at once from a database, from now until the test ends. */
export function watchPages(db: Database) {
  const { query } = db;
  let largest = 0;
  const spy = vi.spyOn(db, 'query').mockImplementation(async (statement) => {
    const result = await query.call(db, statement);
    if (statement.name === 'get_run_events') {
      const letters = result.rows.reduce((sum, { text }) => sum + String(text).length, 0);
      largest = Math.max(largest, letters);
    }
    return result;
  });
  onTestFinished(() => spy.mockRestore());
  return { largest: () => largest };
}

function countCharacters(log: ResumableStream): number {
  let letters = 0;
  for (let id = log.last; id > 0; id -= 1) letters += log.readPageAfter(id - 1)?.events[0]?.text.length ?? 0;
  return letters;
}
