/**
 * Open sockets on one process: what each costs while nothing happens, and how long a change takes from its commit in
 * another process to the client. `npx tsx bench/live.ts [sockets]`, default 5,000; it starts its own PostgreSQL.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { createChat, DatabaseSession, openDatabase } from '../src/index.ts';
import { busAt } from '../src/live/bus-at.ts';
import { Live } from '../src/live/live.ts';
import { startPostgres } from '../test/support/postgres-server.ts';

const SOCKETS = Number(process.argv[2] ?? 5_000);
const WRITES = 2_000;
const PACE_MS = 5;

interface Usage {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly cpuMs: number;
}

async function measure(url: string, databaseUrl: string): Promise<void> {
  const usage = async () => (await (await fetch(`${url}/usage`)).json()) as Usage;
  const db = await openDatabase(databaseUrl);
  const live = new Live({ db, bus: busAt(databaseUrl) });
  await live.start();
  const chats: string[] = [];
  for (let user = 0; user < SOCKETS; user += 1) chats.push((await createChat(db, `user-${user}`)).chatId);
  await sleep(3_000);

  const clients = new Clients(url);
  await clients.open(0, 1);
  const alone = await clients.write(db, chats, () => 0, usage);
  const before = await usage();
  await clients.open(1, SOCKETS);
  await sleep(5_000);
  const after = await usage();
  const each = (field: 'rss' | 'heapUsed' | 'external') =>
    `${((after[field] - before[field]) / (SOCKETS - 1) / 1_024).toFixed(1)} KiB`;
  console.log(`${SOCKETS} sockets, each another user's`);
  console.log(
    `idle, per socket       rss ${each('rss')}, heap ${each('heapUsed')}, external ${each('external')}`,
  );
  const idleFrom = await usage();
  await sleep(10_000);
  const idleTo = await usage();
  console.log(`idle, CPU of the server ${((idleTo.cpuMs - idleFrom.cpuMs) / 100).toFixed(1)} % of a core`);
  const one = await clients.write(db, chats, () => 0, usage);
  const all = await clients.write(db, chats, (write) => (write * 7_919) % SOCKETS, usage);
  console.log(`\n${WRITES} appends, one each ${PACE_MS} ms; from commit to client, ms`);
  console.log(`one user, 1 socket open       ${alone}`);
  console.log(`one user, ${SOCKETS} sockets open    ${one}`);
  console.log(`all users, ${SOCKETS} sockets open   ${all}`);
  await live.close();
  await db.close();
}

class Clients {
  readonly #url: string;
  /** By user: told of each signal about items. */
  readonly #waiting = new Map<string, (last: number) => void>();

  constructor(url: string) {
    this.#url = url.replace('http', 'ws');
  }

  async open(from: number, to: number): Promise<void> {
    for (let first = from; first < to; first += 100) {
      const some = Array.from({ length: Math.min(100, to - first) }, (_, index) => `user-${first + index}`);
      await Promise.all(some.map((user) => this.#connect(user)));
    }
  }

  /** Appends at a steady pace; each time, until the client knows. */
  async write(
    db: Awaited<ReturnType<typeof openDatabase>>,
    chats: readonly string[],
    userOf: (write: number) => number,
    usage: () => Promise<Usage>,
  ): Promise<string> {
    const took: number[] = [];
    const { cpuMs } = await usage();
    for (let write = 0; write < WRITES; write += 1) {
      const user = userOf(write);
      const told = new Promise<void>((resolve) => {
        this.#waiting.set(`user-${user}`, () => resolve());
      });
      const session = new DatabaseSession(chats[user] ?? '', db, { userId: `user-${user}` });
      await session.addItems([{ role: 'user', content: 'hello' }]);
      const committed = performance.now();
      await told;
      took.push(performance.now() - committed);
      await sleep(PACE_MS);
    }
    const cpu = ((await usage()).cpuMs - cpuMs) / WRITES;
    took.sort((a, b) => a - b);
    const at = (share: number) => (took[Math.floor(took.length * share)] ?? 0).toFixed(2);
    return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(0.9999)}; ${cpu.toFixed(2)} ms of CPU per append`;
  }

  async #connect(user: string): Promise<void> {
    const socket = new WebSocket(`${this.#url}/chats/live`, ['questlog.v1'], { headers: { 'x-user': user } });
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        if (message.type === 'ready') resolve();
        if (message.type === 'items_appended') this.#waiting.get(user)?.(message.last);
      });
    });
  }
}

async function main(): Promise<void> {
  const postgres = await startPostgres();
  const program = spawn(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', 'bench/live-program.ts', postgres.url],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const [line] = await once(program.stdout.setEncoding('utf8'), 'data');
    const url = String(line).replace('listens on ', '').trim();
    await measure(url, postgres.url);
  } finally {
    program.kill('SIGKILL');
    await postgres.stop();
  }
}

await main();
process.exit();
