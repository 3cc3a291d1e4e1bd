import { type Bench, createDatabase } from './bench.ts';
import type { HttpMethods } from './http-process.ts';
import { seedHttp } from './http-seed.ts';
import type { LoadMethods } from './load-process.ts';
import { short } from './measure.ts';
import { Worker } from './worker.ts';

const PARTS = 5;
const MEGABYTE = 1_000_000;

/** Whether the server's memory grows under a steady load: short, or ten minutes with `--long`. */
export async function measureMemory(bench: Bench): Promise<void> {
  const seconds = bench.long ? 600 : bench.quick ? 2 : 20;
  const url = await createDatabase(bench, 'memory');
  const server = new Worker<HttpMethods>('http-process');
  const loader = new Worker<LoadMethods>('load-process');
  const { questlog } = await server.call('open', url);
  const { small, middle } = await seedHttp(url, true);
  const requests = [
    { method: 'GET', paths: [`/chats/${small}`, `/chats/${middle}`] },
    { method: 'GET', paths: ['/chats?limit=20'] },
    { method: 'POST', paths: ['/chat/run', '/chat/stream'], body: { input: 'Hello there' } },
  ] as const;
  const headers = await server.call('headersOf', 'few');
  const rows: string[][] = [];
  let asked = 0;
  for (let part = 0; part <= PARTS; part++) {
    // The first is to warm up.
    const durationMs = (seconds * 1_000) / (PARTS + 1) / requests.length;
    for (const request of requests) {
      asked += (await loader.call('load', { ...request, headers, url: questlog, connections: 8, durationMs }))
        .requests;
    }
    const heap = await server.call('heap');
    const { rss } = await server.call('usage');
    bench.figures.add(`memory/${part}/heap`, heap);
    rows.push([
      `${((seconds / (PARTS + 1)) * (part + 1)).toFixed(0)} s`,
      asked.toLocaleString('en'),
      `${short(heap / MEGABYTE)} MB`,
      `${short(rss / MEGABYTE)} MB`,
    ]);
  }
  bench.tables.push({
    title: 'Memory of the server under a steady load',
    columns: ['after', 'requests', 'heap in use', 'resident'],
    rows,
    notes: [
      'Reads, lists, runs and streams from 8 connections; warm from the second row on. `--long` goes on for ten minutes.',
    ],
  });
  await server.stop();
  await loader.stop();
}
