import { type Bench, createDatabase, settle } from './bench.ts';
import type { HttpMethods } from './http-process.ts';
import { seedHttp } from './http-seed.ts';
import type { LoadMethods } from './load-process.ts';
import { cell, type Figures, interleave } from './measure.ts';
import type { Streams } from './stream-reader.ts';
import { Worker } from './worker.ts';

const COUNTS = [1, 2, 4];
/** What all processes of a turn get together: more than one of them can do. */
const STREAMS = { count: 240, tokens: 100, spreadMs: 200 };
const CONNECTIONS = 20;

interface Server {
  readonly worker: Worker<HttpMethods>;
  readonly url: string;
  readonly headers: Streams['headers'];
}

/** The same load on one, two and four server processes of one database. */
export async function measureProcesses(bench: Bench): Promise<void> {
  const url = await createDatabase(bench, 'processes');
  const servers: Server[] = [];
  for (const _ of Array(COUNTS.at(-1)).keys()) {
    const worker = new Worker<HttpMethods>('http-process');
    const { questlog } = await worker.call('open', url);
    servers.push({ worker, url: questlog, headers: await worker.call('headersOf', 'thousand') });
  }
  await seedHttp(url, bench.quick);
  await settle(url);
  const loader = new Worker<LoadMethods>('load-process');
  await interleave(COUNTS, bench.quick ? 1 : 4, async (count, round) => {
    const asked = servers.slice(0, count);
    const tokens = await measureUse(asked, () => readStreams(loader, asked, bench.quick));
    const lists = await measureUse(asked, () => askForLists(loader, asked, bench.quick));
    // The first round is for the compilers.
    if (round === 0 && !bench.quick) return;
    bench.figures.add(`processes/${count}/tokens`, tokens.rate);
    bench.figures.add(`processes/${count}/token-cpu`, tokens.cpuUs);
    bench.figures.add(`processes/${count}/lists`, lists.rate);
    bench.figures.add(`processes/${count}/list-cpu`, lists.cpuUs);
  });
  bench.tables.push(toTable(bench.figures));
  for (const { worker } of servers) await worker.stop();
  await loader.stop();
}

/** @param work what it did, in pieces. @returns pieces a second, and processor time of the servers for each. */
async function measureUse(servers: readonly Server[], work: () => Promise<number>) {
  const cpuUs = async () => {
    const usages = await Promise.all(servers.map(({ worker }) => worker.call('usage')));
    return usages.reduce((sum, usage) => sum + usage.cpuUs, 0);
  };
  const [before, began] = [await cpuUs(), performance.now()];
  const pieces = await work();
  const seconds = (performance.now() - began) / 1_000;
  return { rate: pieces / seconds, cpuUs: ((await cpuUs()) - before) / pieces };
}

async function readStreams(loader: Worker<LoadMethods>, servers: readonly Server[], quick: boolean) {
  const { tokens, spreadMs } = STREAMS;
  const count = (quick ? 8 : STREAMS.count) / servers.length;
  const read = await Promise.all(
    servers.map(({ url, headers }) =>
      loader.call('streams', { url, headers, path: '/chat/stream', count, tokens, spreadMs }),
    ),
  );
  const [error] = read.flatMap(({ errors }) => errors);
  if (error !== undefined) throw new Error(`a stream of the processes: ${error}`);
  return count * servers.length * tokens;
}

async function askForLists(loader: Worker<LoadMethods>, servers: readonly Server[], quick: boolean) {
  const seen = await Promise.all(
    servers.map(({ url, headers }) =>
      loader.call('load', {
        ...{ url, headers, method: 'GET' as const, paths: ['/chats?limit=20'] },
        ...{ connections: CONNECTIONS / servers.length, durationMs: quick ? 100 : 3_000 },
      }),
    ),
  );
  return seen.reduce((sum, { requests }) => sum + requests, 0);
}

function toTable(figures: Figures) {
  const of = (count: number, what: string) =>
    cell(figures, `processes/${count}/${what}`, `processes/1/${what}`);
  return {
    title: 'Server processes on one database',
    columns: ['processes', 'tokens/s', 'CPU a token, µs', 'lists/s', 'CPU a list, µs'],
    rows: COUNTS.map((count) => [
      String(count),
      ...['tokens', 'token-cpu', 'lists', 'list-cpu'].map((what) => of(count, what)),
    ]),
    notes: [
      `× of one process. ${STREAMS.count} streams at once and ${CONNECTIONS} connections, divided among the processes; CPU: of the servers. PostgreSQL, whoever reads the streams and the servers share the cores of the machine: what stays the same with more processes is the time of a token, and on as many cores they do so many times as much.`,
    ],
  };
}
