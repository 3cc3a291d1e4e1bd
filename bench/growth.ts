import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asAdmin } from '../test/support/postgres-server.ts';
import { type Bench, settle } from './bench.ts';
import { measureColdStart } from './cold-start.ts';
import { cell } from './measure.ts';
import { measureMemory } from './memory.ts';
import { closeStores, openStores, sampleAll } from './session.ts';
import type { Operation, StoreMethods } from './store-process.ts';
import { CONTESTANTS } from './stores/index.ts';
import { Worker } from './worker.ts';

const OPERATIONS: readonly Operation[] = ['append', 'load', 'last', 'pop'];
const SIZE = 1_000;

/** Whether other users' items, the embedded database and time make Questlog slower. */
export async function measureGrowth(bench: Bench): Promise<void> {
  await measureNeighbours(bench);
  await measureColdStart(bench);
  await measureMemory(bench);
}

async function measureNeighbours(bench: Bench): Promise<void> {
  const [few, many] = bench.quick ? [100, 1_000] : [10_000, 1_000_000];
  const questlog = CONTESTANTS.filter(({ name }) => name === 'questlog');
  const sizes = [bench.quick ? 100 : SIZE];
  const [small] = await openStores(bench, 'growth_few', questlog, sizes);
  const [large] = await openStores(bench, 'growth_many', questlog, sizes);
  if (small === undefined || large === undefined) return;
  await addNeighbours(small.url, few);
  await addNeighbours(large.url, many);
  const embedded = await openEmbedded(sizes);
  const named = [
    { ...small, contestant: { ...small.contestant, name: 'few' } },
    { ...large, contestant: { ...large.contestant, name: 'many' } },
    { ...embedded.store, contestant: { ...small.contestant, name: 'pglite' } },
  ];
  for (const operation of OPERATIONS) {
    const plan = { sizes, rounds: bench.quick ? 1 : 5, calls: bench.quick ? 3 : 25 };
    await sampleAll(bench, 'growth', operation, named, plan);
  }
  const key = (operation: string, name: string) => `growth/${operation}/${sizes[0]}/${name}`;
  const row = (label: string, name: string) => [
    label,
    ...OPERATIONS.map((operation) => cell(bench.figures, key(operation, name), key(operation, 'few'))),
  ];
  bench.tables.push({
    title: `A chat of ${sizes[0]?.toLocaleString('en')} items among those of others`,
    columns: ['ms, and × of the first row', 'append', 'load all', 'load the last 50', 'pop'],
    rows: [
      row(`PostgreSQL, ${few.toLocaleString('en')} items of others`, 'few'),
      row(`PostgreSQL, ${many.toLocaleString('en')} items of others`, 'many'),
      row('PGlite in a folder', 'pglite'),
    ],
  });
  await closeStores([small, large]);
  await embedded.close();
}

/** Other users with chats of 20 items. */
async function addNeighbours(url: string, items: number): Promise<void> {
  await asAdmin(url, async (client) => {
    // The rows are right by construction: to check a million keys would take longer than to write them.
    await client.query('set session_replication_role = replica');
    await client.query(
      `insert into chats (chat_id, user_id, title, next_position)
        select 'neighbour-' || n, 'user-' || n % 1000, 'Chat ' || n, 20 from generate_series(1, $1::int / 20) n`,
      [items],
    );
    await client.query(
      `insert into chat_items (chat_id, position, user_id, item)
        select 'neighbour-' || n / 20 + 1, n % 20, 'user-' || (n / 20 + 1) % 1000,
          json_build_object('type', 'message', 'role', 'user', 'content', repeat(md5(n::text), 14))
        from generate_series(0, $1::int - 1) n`,
      [items],
    );
  });
  await settle(url);
}

async function openEmbedded(sizes: readonly number[]) {
  const folder = mkdtempSync(join(tmpdir(), 'questlog-bench-'));
  const worker = new Worker<StoreMethods>('store-process');
  await worker.call('open', 'questlog', folder);
  const chats = new Map<number, readonly string[]>();
  for (const size of sizes) {
    const ids = [randomUUID()];
    await worker.call('seed', ids, size);
    chats.set(size, ids);
  }
  return {
    store: { url: folder, worker, chats },
    close: async () => {
      await worker.call('close');
      await worker.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
