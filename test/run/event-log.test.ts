import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Queryable } from '../../src/driver/driver.ts';
import { EventLog } from '../../src/run/events/event-log.ts';
import { readEvents } from '../../src/run/events/event-reader.ts';

type Numbered = { id: number; text: string };

/** A reader on the process that makes the events: it has no use for a database. */
function read(log: EventLog, after = 0): AsyncGenerator<Numbered> {
  const db: Queryable = { query: () => Promise.reject(new Error('no database here')) };
  return readEvents({ db, userId: 'ada', runId: 'run', chatId: 'chat', log }, after, () => ({
    signal: new AbortController().signal,
    end: () => undefined,
  }));
}

async function readAll(log: EventLog, after?: number, pause = 0): Promise<Numbered[]> {
  const seen: Numbered[] = [];
  for await (const numbered of read(log, after)) {
    seen.push(numbered);
    for (let turn = 0; turn < pause; turn++) await setImmediate();
  }
  return seen;
}

const numbered = (from: number, to: number): Numbered[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    id: from + index,
    text: `"event ${from + index}"`,
  }));

test('readers at any pace, and those who come late, get the same events under the same numbers', async () => {
  const log = new EventLog();
  const early = [0, 1, 7].map((pause) => readAll(log, 0, pause));
  for (let id = 1; id <= 50; id++) {
    log.append(`event ${id}`);
    if (id % 5 === 0) await setImmediate();
  }
  const late = readAll(log);
  log.end();
  const afterwards = readAll(log);
  for (const seen of await Promise.all([...early, late, afterwards])) expect(seen).toEqual(numbered(1, 50));
});

test('a reader goes on after the number that it knows', async () => {
  const log = new EventLog();
  for (let id = 1; id <= 3; id++) log.append(`event ${id}`);
  const [fromTwo, fromEnd, beyond] = [readAll(log, 2), readAll(log, 3), readAll(log, 4)];
  log.append('event 4');
  log.append('event 5');
  log.end();
  expect(await fromTwo).toEqual(numbered(3, 5));
  expect(await fromEnd).toEqual(numbered(4, 5));
  expect(await beyond).toEqual(numbered(5, 5));
  expect(await readAll(log, 9)).toEqual([]);
});

test('a reader that stops does not stop the others, and a log without events ends', async () => {
  const log = new EventLog();
  const leaving = read(log);
  const staying = readAll(log);
  log.append('event 1');
  expect(await leaving.next()).toEqual({ done: false, value: { id: 1, text: '"event 1"' } });
  await leaving.return(undefined);
  log.append('event 2');
  log.end();
  log.append('too late');
  expect(await readAll(log)).toEqual(numbered(1, 2));
  expect(await staying).toEqual(numbered(1, 2));
  const empty = new EventLog();
  const waiting = readAll(empty);
  empty.end();
  expect(await waiting).toEqual([]);
});
