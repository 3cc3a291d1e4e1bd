import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, createDatabase } from '../bench.ts';
import type { HttpMethods } from '../http-process.ts';
import { at, cell, short } from '../measure.ts';
import { Worker } from '../worker.ts';
import { ATTACKS } from './attacks.ts';
import type { UserMethods } from './user-process.ts';

/** As configured without a variable, for the one who attacks as for the neighbours. */
const RATE_LIMIT = 600;
/** Before and after an attack, for what is left of one. */
const REST_MS = 1_000;
/** How long an attack is under way before it is measured. */
const LEAD_MS = 200;
const KINDS = ['list', 'run'] as const;

/** What one user can do to another at most: the same requests of a neighbour, alone and while somebody attacks. */
export async function measureNeighbours(bench: Bench): Promise<void> {
  await measureOn(bench, 'PostgreSQL', await createDatabase(bench, 'neighbours'), 9);
  const folder = mkdtempSync(join(tmpdir(), 'questlog-neighbours-'));
  try {
    // It takes in two megabytes a second.
    await measureOn(bench, 'PGlite', folder, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Machines {
  readonly url: string;
  readonly server: Worker<HttpMethods>;
  readonly attacker: Worker<UserMethods>;
  readonly neighbour: Worker<UserMethods>;
  readonly turns: number;
  /** Of a large conversation. */
  readonly megabytes: number;
}

async function measureOn(bench: Bench, database: string, url: string, megabytes: number): Promise<void> {
  const server = new Worker<HttpMethods>('http-process', ['--max-old-space-size=384']);
  const attacker = new Worker<UserMethods>('neighbours/user-process');
  const neighbour = new Worker<UserMethods>('neighbours/user-process');
  const { questlog } = await server.call('open', url, RATE_LIMIT);
  const turns = bench.quick ? 30 : 300;
  const machines: Machines = { url: questlog, server, attacker, neighbour, turns, megabytes };
  await live(machines, 'warm-up');
  const rows: string[][] = [];
  for (const name of Object.keys(ATTACKS)) {
    const seen = await measureAttack(machines, name);
    for (const failure of seen.failures.slice(0, 3)) console.error(`${database}, ${name}: ${failure}`);
    const row = toRow(bench, `neighbours/${database.toLowerCase()}`, name, seen);
    console.error([database, ...row].join(' | '));
    rows.push(row);
  }
  bench.tables.push({
    title: `What one user can do to another, on ${database}`,
    columns: [
      'one user sends',
      'another’s list, p99',
      'another’s run, p99',
      'failed',
      'answers',
      'peak memory so far',
    ],
    rows,
    notes: [
      'The server has `--max-old-space-size=384` and the limits that it has without configuration. The other user asks for `GET /chats?limit=20` and `POST /chat/run` in turns, alone and then while the first one attacks: a ratio is that of his p99 then to his p99 alone, just before.',
      `A large conversation has ${megabytes} MB.`,
    ],
  });
  await Promise.all([server.stop(), attacker.stop(), neighbour.stop()]);
}

type Seen = Awaited<ReturnType<typeof measureAttack>>;

async function measureAttack(machines: Machines, name: string) {
  const { url, server, attacker, megabytes } = machines;
  const headers = await server.call('headersOf', `attacker-${name}`);
  const chatId = await attacker.call('prepare', name, url, headers, megabytes);
  await sleep(REST_MS);
  const quiet = await live(machines, `${name}-quiet`);
  const attacking = attacker.call('attack', name, url, headers, chatId);
  await sleep(LEAD_MS);
  const { failures, ...attacked } = await live(machines, `${name}-attacked`);
  await attacker.call('stop');
  const statuses = await attacking;
  await sleep(REST_MS);
  return { quiet, attacked, failures, statuses, peakRss: (await server.call('usage')).peakRss };
}

/** The neighbours' requests: two a turn, by as many users as the limit asks for. */
async function live({ url, server, neighbour, turns }: Machines, name: string) {
  const names = Array.from(
    { length: Math.ceil((turns * 2) / RATE_LIMIT) + 1 },
    (_, number) => `${name}-${number}`,
  );
  const users = await Promise.all(names.map((user) => server.call('headersOf', user)));
  return neighbour.call('live', url, users, turns);
}

function toRow({ figures }: Bench, database: string, name: string, seen: Seen): string[] {
  const { quiet, attacked, failures, statuses, peakRss } = seen;
  const p99 = (times: readonly number[]) =>
    at(
      times.toSorted((a, b) => a - b),
      0.99,
    );
  const cells = KINDS.map((kind) => {
    const key = `${database}/${name}/${kind}`;
    figures.add(`${key}/quiet`, p99(quiet[kind]));
    figures.add(`${key}/attacked`, p99(attacked[kind]));
    return cell(figures, `${key}/attacked`, `${key}/quiet`);
  });
  figures.add(`${database}/${name}/failures`, failures.length);
  figures.add(`${database}/${name}/peakRss`, peakRss);
  const answers = Object.entries(statuses).map(
    ([status, count]) => `${count} × ${status === '0' ? 'none' : status}`,
  );
  return [
    ATTACKS[name]?.title ?? name,
    ...cells,
    String(failures.length),
    answers.join(', '),
    `${short(peakRss / 2 ** 20)} MB`,
  ];
}
