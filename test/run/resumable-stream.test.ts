import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Queryable } from '../../src/driver/driver.ts';
import { readEvents } from '../../src/run/events/event-reader.ts';
import { ResumableStream } from '../../src/run/events/resumable-stream.ts';
import { RunPoller } from '../../src/run/events/run-poller.ts';

type Numbered = { id: number; text: string };

/** A reader on the process that makes the events: it has no use for a database. */
function read(stream: ResumableStream, after = 0): AsyncGenerator<Numbered> {
  const db: Queryable = { query: () => Promise.reject(new Error('no database here')) };
  const poller = new RunPoller(db);
  return readEvents({ poller, userId: 'ada', runId: 'run', chatId: 'chat', stream }, after, () => ({
    signal: new AbortController().signal,
    leave: () => undefined,
  }));
}

async function readAll(stream: ResumableStream, after?: number, pause = 0): Promise<Numbered[]> {
  const seen: Numbered[] = [];
  for await (const numbered of read(stream, after)) {
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
  const stream = new ResumableStream();
  const early = [0, 1, 7].map((pause) => readAll(stream, 0, pause));
  for (let id = 1; id <= 50; id++) {
    stream.append(`event ${id}`);
    if (id % 5 === 0) await setImmediate();
  }
  const late = readAll(stream);
  stream.end();
  const afterwards = readAll(stream);
  for (const seen of await Promise.all([...early, late, afterwards])) expect(seen).toEqual(numbered(1, 50));
});

test('a reader goes on after the number that it knows', async () => {
  const stream = new ResumableStream();
  for (let id = 1; id <= 3; id++) stream.append(`event ${id}`);
  const [fromTwo, fromEnd, beyond] = [readAll(stream, 2), readAll(stream, 3), readAll(stream, 4)];
  stream.append('event 4');
  stream.append('event 5');
  stream.end();
  expect(await fromTwo).toEqual(numbered(3, 5));
  expect(await fromEnd).toEqual(numbered(4, 5));
  expect(await beyond).toEqual(numbered(5, 5));
  expect(await readAll(stream, 9)).toEqual([]);
});

test('a reader that stops does not stop the others, and a stream without events ends', async () => {
  const stream = new ResumableStream();
  const leaving = read(stream);
  const staying = readAll(stream);
  stream.append('event 1');
  expect(await leaving.next()).toEqual({ done: false, value: { id: 1, text: '"event 1"' } });
  await leaving.return(undefined);
  stream.append('event 2');
  stream.end();
  stream.append('too late');
  expect(await readAll(stream)).toEqual(numbered(1, 2));
  expect(await staying).toEqual(numbered(1, 2));
  const empty = new ResumableStream();
  const waiting = readAll(empty);
  empty.end();
  expect(await waiting).toEqual([]);
});
