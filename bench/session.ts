import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { measureAppendParts } from './append-parts.ts';
import { type Bench, createDatabase, settle } from './bench.ts';
import { cell, interleave } from './measure.ts';
import type { Operation, StoreMethods } from './store-process.ts';
import { CONTESTANTS, type Contestant } from './stores/index.ts';
import { Worker } from './worker.ts';

const OPERATIONS: Readonly<Record<Operation, string>> = {
  load: 'Load all',
  last: 'Load the last 50',
  append: 'Append a turn: 2 items, about 1 KB',
  pop: 'Pop the newest item',
};

/** A contestant that is ready, with the chats of each size that it has. */
export interface Ready {
  readonly contestant: Contestant;
  readonly url: string;
  readonly worker: Worker<StoreMethods>;
  readonly chats: ReadonlyMap<number, readonly string[]>;
}

/** The operations of a session at growing sizes, Questlog beside everybody. */
export async function measureSession(bench: Bench): Promise<void> {
  const sizes = bench.quick ? [10, 100] : [10, 100, 1_000, 10_000];
  const stores = await openStores(bench, 'session', CONTESTANTS, sizes);
  const rounds = bench.quick ? 1 : 16;
  for (const operation of Object.keys(OPERATIONS) as Operation[]) {
    const able = stores.filter(({ contestant }) => contestant.cannot?.[operation] === undefined);
    await sampleAll(bench, 'session', operation, able, { sizes, rounds, calls: bench.quick ? 3 : 14 });
    bench.tables.push(toTable(bench, operation, sizes, stores));
  }
  await closeStores(stores);
  await measureAppendParts(bench);
}

/** Opens each store in a process and a database of its own and fills it with the same chats. */
export async function openStores(
  bench: Bench,
  group: string,
  contestants: readonly Contestant[],
  sizes: readonly number[],
): Promise<Ready[]> {
  const stores: Ready[] = [];
  for (const contestant of contestants.filter(({ isPeer }) => bench.peers || !isPeer)) {
    const url = await createDatabase(bench, `${group}_${contestant.name.replaceAll('-', '_')}`);
    const worker = new Worker<StoreMethods>('store-process');
    await worker.call('open', contestant.name, url);
    const chats = new Map<number, string[]>();
    for (const size of sizes) {
      const ids = Array.from({ length: chatsOf(size) }, () => randomUUID());
      await worker.call('seed', ids, size);
      chats.set(size, ids);
    }
    await warmUp(worker, bench.quick ? WARM_MS / 10 : WARM_MS);
    await settle(url);
    stores.push({ contestant, url, worker, chats });
  }
  return stores;
}

/** A program that has just started is compiled while it works, the one with most code the longest. */
async function warmUp(worker: Worker<StoreMethods>, budgetMs: number): Promise<void> {
  const chat = randomUUID();
  await worker.call('seed', [chat], 2);
  await worker.call('sample', 'append', [chat], WARM_CALLS, budgetMs);
  await worker.call('sample', 'load', [chat], 20, TURN_MS);
}

export async function closeStores(stores: readonly Ready[]): Promise<void> {
  for (const { worker } of stores) {
    await worker.call('close');
    await worker.stop();
  }
}

/** After about as many, an append of Questlog takes no less processor time any more; of the raw driver, after fewer. */
const WARM_CALLS = 2_000;
const WARM_MS = 1_500;

/** Small chats are many, so that what is appended does not make them large. */
function chatsOf(size: number): number {
  return size <= 10 ? 40 : size <= 100 ? 10 : 1;
}

/** A cell that takes so long has been called often enough. */
const ENOUGH_MS = 600;
/** Whose calls take so long on a chat is not asked to do it on one ten times as long. */
export const TOO_SLOW_MS = 200;
const TURN_MS = 250;
const PAUSE_MS = 5;
/** So many calls of a turn find the processor's caches full of what others did. */
const COLD = 4;

/** Measures one operation: sizes and stores in turns. */
export async function sampleAll(
  { figures }: Pick<Bench, 'figures'>,
  group: string,
  operation: Operation,
  stores: readonly Ready[],
  { sizes, rounds, calls }: { sizes: readonly number[]; rounds: number; calls: number },
): Promise<void> {
  const cells = sizes.flatMap((size) => stores.map((store) => ({ size, store, spent: 0, slowest: 0 })));
  await interleave(cells, rounds + 1, async (measured, round) => {
    const { size, store } = measured;
    const shorter = cells.find((other) => other.store === store && other.size === size / 10);
    if (measured.spent > ENOUGH_MS || (shorter?.slowest ?? 0) > TOO_SLOW_MS) return;
    const chats = store.chats.get(size) as string[];
    // What the one before has left to do, closing connections for one, is not this one's.
    await sleep(PAUSE_MS);
    const all = await store.worker.call('sample', operation, chats, calls, TURN_MS);
    const times = all.length > 2 * COLD ? all.slice(COLD) : all;
    const sum = times.reduce((total, time) => total + time, 0);
    measured.spent += sum;
    measured.slowest = Math.max(measured.slowest, ...times);
    // The first round is for the compilers and the caches, unless a call takes so long that they do not matter.
    if (round === 0 && sum < ENOUGH_MS && rounds > 1) return;
    figures.add(`${group}/${operation}/${size}/${store.contestant.name}`, ...times);
  });
}

function toTable(
  { figures }: Bench,
  operation: Operation,
  sizes: readonly number[],
  stores: readonly Ready[],
) {
  const key = (size: number, name: string) => `session/${operation}/${size}/${name}`;
  const rows = stores.map(({ contestant: { name, label, cannot } }) => [
    label,
    ...sizes.map((size) => cannot?.[operation] ?? cell(figures, key(size, name), key(size, 'questlog'))),
  ]);
  const isLeftOut = rows.flat().includes('–');
  return {
    title: OPERATIONS[operation],
    columns: ['ms, and × of Questlog', ...sizes.map((size) => `${size.toLocaleString('en')} items`)],
    notes: isLeftOut
      ? [
          `A dash: not asked, because it takes more than ${TOO_SLOW_MS} ms on a chat of a tenth of the length.`,
        ]
      : [],
    rows,
  };
}
