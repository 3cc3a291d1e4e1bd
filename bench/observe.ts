/**
 * What it costs that somebody listens to what Questlog does: `npx tsx bench/observe.ts`. In three processes and one sitting, in
 * turns: nobody, metrics, metrics and spans that nobody takes.
 */
import { migrate, openDatabase } from '../src/index.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import { createDatabase } from './bench.ts';
import { summarize } from './measure.ts';
import type { Listener, ObserveMethods, Work } from './observe-process.ts';
import { Worker } from './worker.ts';

const ROUNDS = 24;
/** Those at the beginning are for the compilers. */
const WARM_UP = 8;
const COUNT = 600;
const LISTENERS: readonly Listener[] = ['nobody', 'metrics', 'metrics and spans'];
const WORK: Readonly<Record<Work, string>> = {
  get: '`GET /chats/{id}`, its client included',
  append: '`addItems`, ten chats at once',
};

async function main(): Promise<void> {
  const server = await startPostgres(['fsync=on', 'max_connections=500']);
  const url = await createDatabase(server, 'observe');
  const db = await openDatabase(url);
  await migrate(db);
  await db.close();
  const workers = LISTENERS.map((who) => ({ who, worker: new Worker<ObserveMethods>('observe-process') }));
  for (const { who, worker } of workers) await worker.call('open', url, who);
  for (const work of ['get', 'append'] as const) {
    const costs = new Map(LISTENERS.map((who) => [who, [] as number[]]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { who, worker } of workers) {
        const cost = await worker.call('measure', work, COUNT);
        if (round >= WARM_UP) costs.get(who)?.push(cost);
      }
    }
    const base = summarize(costs.get('nobody') ?? []).median;
    for (const [who, samples] of costs) {
      const { median, low, high } = summarize(samples);
      const middle = `${low.toFixed(0)} to ${high.toFixed(0)}`;
      console.log(
        `${WORK[work]}, ${who}: ${median.toFixed(0)} µs (${middle}), ${(median / base).toFixed(2)}`,
      );
    }
  }
  for (const { worker } of workers) await worker.stop();
  await server.stop();
}

await main();
