/** Kills a server at random moments of streamed runs: `tsx scripts/crash-test.ts [kills, default 100]`. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../src/database/open.ts';
import { migrate } from '../src/driver/migrate.ts';
import { crash } from '../test/support/crash.ts';
import { startPostgres } from '../test/support/postgres-server.ts';

const kills = Number(process.argv[2] ?? 100);
const server = await startPostgres();
const db = await openDatabase(server.url);
await migrate(db);
await db.close();
const report = await crash({
  url: server.url,
  file: join(mkdtempSync(join(tmpdir(), 'questlog-crash-')), 'executed'),
  userId: 'crash-test',
  kills,
  chats: 3,
  random: Math.random,
});
await server.stop();
const { faults, takeovers, ...numbers } = report;
const sorted = takeovers.toSorted((a, b) => a - b).map(Math.round);
process.stdout.write(
  `${JSON.stringify({ kills, runs: kills * 3, ...numbers, takeover_ms: [sorted[0], sorted.at(-1)], faults }, null, 2)}\n`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
