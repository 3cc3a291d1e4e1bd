import { type Bench, createDatabase, settle } from './bench.ts';
import type { HttpMethods } from './http-process.ts';
import { seedHttp } from './http-seed.ts';
import type { Load, LoadMethods } from './load-process.ts';
import { type Figures, interleave, short } from './measure.ts';
import { toItem } from './stores/questlog.ts';
import { conversation } from './turn.ts';
import { Worker } from './worker.ts';

/** A request to Questlog, and the one that asks the bare route with the query for the same. */
interface Case {
  readonly key: string;
  readonly label: string;
  readonly user: string;
  readonly request: Pick<Load, 'method' | 'body' | 'paths'>;
  readonly query?: string;
}

const CONNECTIONS = 10;
/** Some ten thousand small requests: until then a server's code is not compiled, and takes two or three times as long. */
const WARM_UP_MS = 4_000;
const WHO = ['questlog', 'bytes', 'query'] as const;

/** The server under load from another process, beside bare routes. */
export async function measureHttp(bench: Bench): Promise<void> {
  const url = await createDatabase(bench, 'http');
  const server = new Worker<HttpMethods>('http-process');
  const loader = new Worker<LoadMethods>('load-process');
  const at = await server.call('open', url);
  const chats = await seedHttp(url, bench.quick);
  await settle(url);
  const cases = casesOf(chats);
  const targets = await Promise.all(
    cases.map(async (asked) => {
      const headers = await server.call('headersOf', asked.user);
      const length = await loader.call('lengthOf', {
        ...asked.request,
        headers,
        url: at.questlog,
        connections: 1,
        durationMs: 0,
      });
      return {
        asked,
        headers,
        questlog: { url: at.questlog, paths: asked.request.paths },
        bytes: { url: at.bare, paths: [`/bytes/${length}`] },
        query: asked.query === undefined ? undefined : { url: at.bare, paths: [asked.query] },
      };
    }),
  );
  const turns = targets.flatMap((target) =>
    WHO.map((who) => ({ asked: target.asked, headers: target.headers, who, at: target[who] })),
  );
  // At one connection: how long a request takes that waits for no other.
  for (const connections of [CONNECTIONS, 1]) {
    await interleave(turns, bench.quick ? 1 : 4, async ({ asked, headers, who, at: where }, round) => {
      if (where === undefined) return;
      const before = await server.call('usage');
      const durationMs = bench.quick ? 100 : connections === 1 ? 200 : round === 0 ? WARM_UP_MS : 500;
      const seen = await loader.call('load', {
        ...asked.request,
        ...where,
        headers,
        connections,
        durationMs,
      });
      const after = await server.call('usage');
      // The first round is for the compilers and the caches.
      if (round === 0 && !bench.quick) return;
      const key = `http/${asked.key}/${connections}/${who}`;
      bench.figures.add(`${key}/rate`, (seen.requests / seen.ms) * 1_000);
      bench.figures.add(`${key}/p50`, seen.p50);
      bench.figures.add(`${key}/p99`, seen.p99);
      bench.figures.add(`${key}/cpu`, (after.cpuUs - before.cpuUs) / seen.requests);
      bench.figures.add(`${key}/statements`, (after.statements - before.statements) / seen.requests);
    });
  }
  bench.figures.add(
    'http/append',
    ...(await server.call('append', chats.small, 'few', bench.quick ? 5 : 300)),
  );
  bench.tables.push(toTable(bench.figures, cases, CONNECTIONS), toTable(bench.figures, cases, 1));
  await server.stop();
  await loader.stop();
}

function casesOf({ small, middle, large, editable }: Awaited<ReturnType<typeof seedHttp>>): Case[] {
  const get = (size: string, chat: string): Case => ({
    key: `get-${size}`,
    label: `\`GET /chats/{id}\`, ${size} items`,
    user: 'few',
    request: { method: 'GET', paths: [`/chats/${chat}`] },
    query: `/query/chats/${chat}`,
  });
  const list = (count: string, user: string): Case => ({
    key: `list-${count}`,
    label: `\`GET /chats?limit=20\` of ${count}`,
    user,
    request: { method: 'GET', paths: ['/chats?limit=20'] },
    query: '/query/chats',
  });
  const run = (path: string): Case => ({
    key: path,
    label: `\`POST /chat/${path}\`, new chat`,
    user: 'runs',
    request: {
      method: 'POST',
      paths: [`/chat/${path}`],
      body: { input: 'Who guards the bridge?' },
    },
    query: `/query/chat/${path}`,
  });
  return [
    {
      key: 'create',
      label: '`POST /chats`',
      user: 'creates',
      request: { method: 'POST', paths: ['/chats'], body: { title: 'A new chat' } },
      query: '/query/chats',
    },
    list('1,000', 'thousand'),
    list('100,000', 'many'),
    get('10', small),
    get('100', middle),
    get('1,000', large),
    {
      key: 'put',
      label: '`PUT /chats/{id}`, 10 items',
      user: 'few',
      request: {
        method: 'PUT',
        paths: editable.map((chat) => `/chats/${chat}`),
        body: { conversation: conversation(10).map(toItem) },
      },
    },
    run('run'),
    run('stream'),
  ];
}

function toTable(figures: Figures, cases: readonly Case[], connections: number) {
  const rows = cases.map(({ key, label }) => {
    const of = (who: string, what: string) =>
      figures.get(`http/${key}/${connections}/${who}/${what}`)?.median;
    const [ours, bytes, query] = WHO.map((who) => of(who, 'rate'));
    const show = (value: number | undefined, unit = '') =>
      value === undefined ? '–' : `${short(value)}${unit}`;
    const ratio = (base: number | undefined) =>
      ours === undefined || base === undefined ? '–' : `**${short(ours / base)} ×**`;
    const [p50, p99, cpu] = ['p50', 'p99', 'cpu'].map((what) => of('questlog', what));
    return [
      label,
      ratio(query),
      ratio(bytes),
      show(ours),
      show(p50, ' ms'),
      show(p99, ' ms'),
      show(cpu, ' µs'),
      `${show(of('query', 'cpu'), ' µs')} / ${show(of('bytes', 'cpu'), ' µs')}`,
      show(of('questlog', 'statements')),
    ];
  });
  return {
    title: connections === 1 ? 'HTTP, one connection' : `HTTP, ${connections} connections`,
    columns: [
      'request',
      'req/s beside the bare query',
      'beside the bare bytes',
      'req/s',
      'p50',
      'p99',
      'server CPU',
      'of the bare query / bytes',
      'database round trips',
    ],
    rows,
    notes: [
      'Who asks has a token of Stack Auth, signed with ES256. Bare: a Fastify route without hooks, schemas, authentication and log. Bytes: it answers from memory with a reply of the same length. Query: it asks the database once; of `run` and `stream`, it runs the same agent through the SDK and stores nothing.',
    ],
  };
}
