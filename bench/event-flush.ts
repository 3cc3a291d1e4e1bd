/**
 * How often the events of runs go to the database: `npx tsx bench/event-flush.ts`. For each delay, 100 runs with 50
 * tokens a second, on a PostgreSQL of its own. Longer delays write less, and readers on other processes wait longer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../src/database/open.ts';
import type { Queryable } from '../src/driver/driver.ts';
import { migrate } from '../src/driver/migrate.ts';
import { newId } from '../src/ids.ts';
import { EventWriter } from '../src/run/events/event-writer.ts';
import { ResumableStream } from '../src/run/events/resumable-stream.ts';
import { beginRunWithoutChat } from '../src/store/runs/begin-run.ts';
import { startPostgres } from '../test/support/postgres-server.ts';

const DELAYS_MS = [10, 25, 50, 100, 200];
const RUNS = 100;
const TOKEN_MS = 20;
const SECONDS = 5;
const ROUNDS = 3;

const server = await startPostgres();
const db = await openDatabase(server.url);
await migrate(db);

async function walBytes(): Promise<number> {
  const text = "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as bytes";
  return Number((await db.query({ text })).rows[0]?.bytes);
}

/** One delay for some seconds: what it cost, and how old an event was when it was written. */
async function measure(delayMs: number) {
  let statements = 0;
  const counted: Queryable = {
    query: (statement) => {
      statements += 1;
      return db.query(statement);
    },
  };
  const writer = new EventWriter(counted, delayMs);
  const logs = await Promise.all(
    Array.from({ length: RUNS }, async () => {
      const run = { runId: newId(), userId: 'bench', agent: 'A', leaseMs: 60_000 };
      const { lease } = await beginRunWithoutChat(db, run);
      const log = new ResumableStream();
      writer.attach(log, lease);
      return log;
    }),
  );
  const [wal, cpu, began] = [await walBytes(), process.cpuUsage(), performance.now()];
  const ages: number[] = [];
  let appended = 0;
  for (let tick = 0; tick < (SECONDS * 1_000) / TOKEN_MS; tick++) {
    const at = performance.now();
    for (const log of logs) log.append({ type: 'raw_response', kind: 'text_delta', delta: 'word ', at });
    appended += logs.length;
    const [first] = logs;
    const waits = first?.getUnstored().texts[0];
    if (waits !== undefined) ages.push(at - (JSON.parse(waits) as { at: number }).at);
    await sleep(Math.max(0, began + (tick + 1) * TOKEN_MS - performance.now()));
  }
  const seconds = (performance.now() - began) / 1_000;
  const used = process.cpuUsage(cpu);
  const grown = (await walBytes()) - wal;
  for (const log of logs) await writer.detach(log);
  return {
    statementsPerSecond: statements / seconds,
    walPerEvent: grown / appended,
    cpuPercent: (used.user + used.system) / 10_000 / seconds,
    oldestMs: Math.max(...ages),
  };
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const results = new Map<number, Awaited<ReturnType<typeof measure>>[]>(DELAYS_MS.map((ms) => [ms, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const delay of DELAYS_MS) results.get(delay)?.push(await measure(delay));
}
console.log(`${RUNS} runs, ${1_000 / TOKEN_MS} events/s each, medians of ${ROUNDS} interleaved rounds\n`);
console.log(
  '| delay | statements/s | WAL bytes an event | CPU of this process | oldest event not yet written |',
);
console.log('| --- | --- | --- | --- | --- |');
for (const [delay, rounds] of results) {
  const of = (name: keyof (typeof rounds)[0]) => median(rounds.map((round) => round[name]));
  const cells = [`${delay} ms`, of('statementsPerSecond').toFixed(1), of('walPerEvent').toFixed(0)];
  console.log(
    `| ${[...cells, `${of('cpuPercent').toFixed(0)} %`, `${of('oldestMs').toFixed(0)} ms`].join(' | ')} |`,
  );
}
await db.close();
await server.stop();
