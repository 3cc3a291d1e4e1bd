import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, createDatabase } from './bench.ts';
import { TOKEN_MS } from './bench-model.ts';
import type { HttpMethods } from './http-process.ts';
import type { LoadMethods } from './load-process.ts';
import { at, type Figures, interleave, short } from './measure.ts';
import type { Streams } from './stream-reader.ts';
import { Worker } from './worker.ts';

const WHO = { questlog: '/chat/stream', bare: '/query/chat/stream' } as const;

/** Many runs at once, each with 50 tokens a second: Questlog, and the SDK's own stream sent without being stored. */
export async function measureStreams(bench: Bench): Promise<void> {
  const counts = bench.quick ? [1, 10] : [1, 100, 1_000];
  const url = await createDatabase(bench, 'streams');
  const server = new Worker<HttpMethods>('http-process');
  const loader = new Worker<LoadMethods>('load-process');
  const urls = await server.call('open', url);
  const headers = await server.call('headersOf', 'streams');
  // A server that has just started is compiled while it works.
  const warmUp = { count: bench.quick ? 2 : 100, tokens: 50, spreadMs: 500 };
  for (const who of ['questlog', 'bare'] as const) {
    await loader.call('streams', { ...warmUp, headers, url: urls[who], path: WHO[who] });
  }
  const cells = counts.flatMap((count) => (['questlog', 'bare'] as const).map((who) => ({ count, who })));
  await interleave(cells, bench.quick ? 1 : 2, async ({ count, who }, round) => {
    // A thousand once: they take most of the time.
    if (round > 0 && count >= 1_000) return;
    // Each runs as long as all need to begin, so all are there at once before the first ends.
    const tokens = bench.quick ? 25 : count === 100 ? 200 : 100;
    const spreadMs = tokens * TOKEN_MS * 0.9;
    await measureOne(bench.figures, server, loader, `streams/${count}/${who}`, {
      ...{ url: urls[who], path: WHO[who], headers },
      ...{ count, tokens, spreadMs },
    });
  });
  await measureToken(bench, server, loader, urls, headers);
  bench.tables.push(toTable(bench.figures, counts), toTokenTable(bench.figures));
  await server.stop();
  await loader.stop();
}

async function measureOne(
  figures: Figures,
  server: Worker<HttpMethods>,
  loader: Worker<LoadMethods>,
  key: string,
  streams: Streams,
): Promise<void> {
  const heap = await server.call('heap');
  const before = await server.call('usage');
  const began = performance.now();
  const reading = loader.call('streams', streams);
  await sleep(streams.spreadMs);
  // All have begun and none has ended.
  const inUse = (await server.call('heap')) - heap;
  const { seen, errors } = await reading;
  const seconds = (performance.now() - began) / 1_000;
  const after = await server.call('usage');
  const running = streams.count * streams.tokens * (TOKEN_MS / 1_000);
  figures.add(`${key}/first`, ...seen.map(({ first }) => first));
  figures.add(
    `${key}/slowest`,
    at(
      seen.map(({ slowest }) => slowest).toSorted((a, b) => a - b),
      0.99,
    ),
  );
  figures.add(`${key}/errors`, errors.length);
  figures.add(`${key}/heap`, inUse / streams.count);
  figures.add(`${key}/cpu`, (after.cpuUs - before.cpuUs) / 10_000 / running);
  figures.add(`${key}/busy`, (after.cpuUs - before.cpuUs) / 10_000 / seconds);
  figures.add(`${key}/writes`, (after.writes - before.writes) / seconds);
  if (errors[0] !== undefined) console.error(`${key}: ${errors[0]}`);
}

/** What a token takes, and what a run takes that has none: the slope and the beginning of the line through two lengths. */
async function measureToken(
  { figures, quick }: Bench,
  server: Worker<HttpMethods>,
  loader: Worker<LoadMethods>,
  urls: Readonly<Record<keyof typeof WHO, string>>,
  headers: Streams['headers'],
): Promise<void> {
  const [count, few, many] = quick ? [2, 5, 10] : [50, 50, 250];
  await interleave(['questlog', 'bare'] as const, quick ? 1 : 5, async (who) => {
    const cpuUs = async (tokens: number) => {
      const before = await server.call('usage');
      const streams = { url: urls[who], path: WHO[who], headers, count, tokens, spreadMs: few * TOKEN_MS };
      const { errors } = await loader.call('streams', streams);
      if (errors[0] !== undefined) console.error(`streams/token/${who}: ${errors[0]}`);
      return ((await server.call('usage')).cpuUs - before.cpuUs) / count;
    };
    const [ofFew, ofMany] = [await cpuUs(few), await cpuUs(many)];
    const token = (ofMany - ofFew) / (many - few);
    figures.add(`streams/token/${who}/cpu`, token);
    figures.add(`streams/run/${who}/cpu`, ofFew - few * token);
  });
}

function toTokenTable(figures: Figures) {
  const row = (label: string, key: string, per: number, unit: string) => {
    const [ours = 0, bare = 0] = ['questlog', 'bare'].map(
      (who) => (figures.get(`${key}/${who}/cpu`)?.median ?? 0) / per,
    );
    return [label, `${short(ours)} ${unit}`, `${short(bare)} ${unit}`, `**${short(ours - bare)} ${unit}**`];
  };
  return {
    title: 'Processor time of a stream',
    columns: ['', 'Questlog', 'bare', 'added'],
    rows: [row('a token', 'streams/token', 1, 'µs'), row('a run without one', 'streams/run', 1_000, 'ms')],
    notes: [
      'Of 50 streams at once with 50 tokens each, and with 250: what the 200 between them take, and what is left.',
    ],
  };
}

function toTable(figures: Figures, counts: readonly number[]) {
  const median = (key: string) => figures.get(key)?.median ?? 0;
  return {
    title: 'Concurrent streams of 50 tokens a second',
    columns: [
      'streams',
      'first-token delay added',
      'p50 (bare)',
      'slowest token, p99 (bare)',
      'server CPU a stream (bare)',
      'server CPU in all',
      'heap a stream (bare)',
      'database writes/s',
      'errors',
    ],
    rows: counts.map((count) => {
      const of = (what: string, who = 'questlog') => median(`streams/${count}/${who}/${what}`);
      const both = (what: string, unit: string, per = 1) =>
        `${short(of(what) / per)} (${short(of(what, 'bare') / per)}) ${unit}`;
      return [
        count.toLocaleString('en'),
        `**${short(Math.max(0, of('first') - of('first', 'bare')))} ms**`,
        both('first', 'ms'),
        both('slowest', 'ms'),
        both('cpu', '%'),
        `${short(of('busy'))} %`,
        both('heap', 'KB', 1_000),
        short(of('writes')),
        String(of('errors')),
      ];
    }),
    notes: [
      'The starts are spread over the length of a stream. Delay added: the median from the request to the first token, less that of the bare route: a route that runs the same agent, sends what the SDK gives, and stores nothing. CPU: 100 % is one core; a stream’s is of the time that it lasts, and about half of them are there at once. Heap: the server’s growth, shared among the streams; of one stream it shows what was collected.',
    ],
  };
}
