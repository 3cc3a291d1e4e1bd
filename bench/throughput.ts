import { randomUUID } from 'node:crypto';
import { type Bench, settle, tableBytes, walBytes } from './bench.ts';
import { cell, interleave, short } from './measure.ts';
import { closeStores, openStores, type Ready, TOO_SLOW_MS } from './session.ts';
import { CONTESTANTS } from './stores/index.ts';

const MANY = 200;
/** Turns after which WAL and tables are looked at. */
const TURNS = 200;
const PARTS = 4;
/** A cell that took so long has been measured often enough. */
const ENOUGH_MS = 1_000;

/** Appends a second with growing numbers of writers, and what a turn costs on disk. */
export async function measureThroughput(bench: Bench): Promise<void> {
  const writers = bench.quick ? [1, 8] : [1, 8, 32, 128];
  const sizes = bench.quick ? [10, 100] : [10, 1_000, 10_000];
  const stores = await openStores(bench, 'throughput', CONTESTANTS, sizes);
  await measureBytes(bench, stores, sizes);
  await measureWriters(bench, stores, writers);
  await closeStores(stores);
}

async function measureWriters(
  bench: Bench,
  stores: readonly Ready[],
  writers: readonly number[],
): Promise<void> {
  // Often and short: a disturbance is in few of the samples.
  const [leadMs, durationMs] = bench.quick ? [20, 80] : [100, 150];
  const chats = new Map<Ready, { many: string[]; one: string[] }>();
  for (const store of stores) {
    const [many, one] = [Array.from({ length: bench.quick ? 20 : MANY }, randomId), [randomUUID()]];
    await store.worker.call('seed', [...many, ...one], 2);
    chats.set(store, { many, one });
  }
  const cells = (['many', 'one'] as const).flatMap((where) =>
    writers.flatMap((count) =>
      stores
        .filter(({ contestant }) => where === 'many' || contestant.cannot?.['one-chat'] === undefined)
        .map((store) => ({ where, count, store, spent: 0 })),
    ),
  );
  await interleave(cells, bench.quick ? 1 : 5, async (measured) => {
    const { where, count, store } = measured;
    if (measured.spent > ENOUGH_MS) return;
    const target = chats.get(store)?.[where] ?? [];
    const { turns, ms, cpuUs } = await store.worker.call('write', count, target, leadMs, durationMs);
    measured.spent += leadMs + ms;
    const key = `throughput/${where}/${count}/${store.contestant.name}`;
    bench.figures.add(key, (turns / ms) * 1_000);
    bench.figures.add(`${key}/cpu`, cpuUs);
  });
  for (const [where, title] of [
    ['many', `Appends a second on ${MANY} chats`],
    ['one', 'Appends a second on one chat'],
  ] as const) {
    bench.tables.push({
      title,
      columns: ['turns/s, and × of Questlog', ...writers.map((count) => `${count} writers`), 'CPU a turn'],
      rows: stores.map(({ contestant: { name, label, cannot } }) => {
        const key = (count: number, who = name) => `throughput/${where}/${count}/${who}`;
        if (where === 'one' && cannot?.['one-chat']) {
          return [label, ...writers.map(() => cannot['one-chat'] as string), '–'];
        }
        const busiest = bench.figures.get(`${key(writers.at(-1) as number)}/cpu`)?.median ?? 0;
        return [
          label,
          ...writers.map((count) => cell(bench.figures, key(count), key(count, 'questlog'))),
          `${short(busiest)} µs`,
        ];
      }),
      notes: [
        'Every store has a pool of 10 connections. CPU: of the client’s process, with the most writers. One chat: the store’s own row orders its writers, and LangGraph’s checkpointer, which has none, loses their turns.',
      ],
    });
  }
}

/** One store after the other: only one writes meanwhile. */
async function measureBytes(bench: Bench, stores: readonly Ready[], sizes: readonly number[]): Promise<void> {
  const turns = bench.quick ? 10 : TURNS;
  for (const store of stores) {
    const { url, worker, contestant } = store;
    let slowest = 0;
    await settle(url);
    for (const size of sizes) {
      if (slowest > TOO_SLOW_MS) break;
      const chats = (store.chats.get(size) as readonly string[]).slice(0, 1);
      // A large conversation in one value costs as much every time: a few say it.
      const heavy =
        size >= 1_000 && contestant.cannot?.['one-chat'] !== undefined && contestant.name !== 'vercel';
      const calls = heavy ? 1 : Math.ceil(turns / PARTS);
      // The first change of a page after a checkpoint writes all of it.
      await worker.call('sample', 'append', chats, heavy ? 1 : 3, 10_000);
      // In parts: what the server writes for itself, now and then, is in one of them.
      for (let part = 0; part < PARTS; part++) {
        const before = await walBytes(url);
        const times = await worker.call('sample', 'append', chats, calls, 2_000 / PARTS);
        slowest = Math.max(...times);
        const wal = (await walBytes(url)) - before;
        bench.figures.add(`throughput/wal/${size}/${contestant.name}`, wal / times.length);
      }
    }
    const before = await tableBytes(url);
    const small = store.chats.get(sizes[0] as number) as readonly string[];
    const times = await worker.call('sample', 'append', small, turns * 2, 4_000);
    const grown = (await tableBytes(url)) - before;
    bench.figures.add(`throughput/table/${contestant.name}`, grown / times.length);
  }
  bench.tables.push({
    title: 'What a turn of 1 KB writes',
    columns: [
      'bytes, and × of Questlog',
      ...sizes.map((size) => `WAL, ${size.toLocaleString('en')} items`),
      'tables and indexes',
    ],
    rows: stores.map(({ contestant: { name, label } }) => [
      label,
      ...sizes.map((size) =>
        cell(bench.figures, `throughput/wal/${size}/${name}`, `throughput/wal/${size}/questlog`),
      ),
      cell(bench.figures, `throughput/table/${name}`, 'throughput/table/questlog'),
    ]),
    notes: ['Tables: what they grow by in chats of 10 items, without a vacuum in between.'],
  });
}

function randomId(): string {
  return randomUUID();
}
