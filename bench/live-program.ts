/** The server of `bench/live.ts`: live updates for users who say who they are. Prints where it listens. */
import Fastify from 'fastify';
import { liveRouter } from '../src/http/routes/live.ts';
import { migrate, openDatabase } from '../src/index.ts';
import { busAt } from '../src/live/bus-at.ts';
import { Live } from '../src/live/live.ts';

const url = process.argv[2] ?? '';
const db = await openDatabase(url);
await migrate(db);
const live = new Live({ db, bus: busAt(url) });
await live.start();

const app = Fastify({ forceCloseConnections: true });
await app.register(liveRouter, {
  prefix: '/chats/live',
  live,
  authenticate: ({ headers }) => ({ userId: String(headers['x-user']) }),
});
app.get('/usage', () => {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { rss, heapUsed, external, cpuMs: (user + system) / 1_000 };
});
console.log(`listens on ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
