/**
 * Asks a server with random requests from its own OpenAPI document, and prints the first that breaks a promise:
 * `npm run fuzz:http -- [--requests 1000000] [--seed 42] [--database postgres://…]`. The database must be empty; without
 * one it is PGlite in memory.
 */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz } from '../test/fuzz/fuzz.ts';
import { FuzzServer } from '../test/fuzz/fuzz-server.ts';

const PROGRESS_MS = 10_000;
/** What the server may hold more at the end than in the middle, in megabytes: caches fill. */
const HEAP_GROWTH = 50;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    database: { type: 'string' },
  },
});
const requests = Number(values.requests);
const seed = Number(values.seed ?? randomInt(2 ** 31));
if (!Number.isInteger(requests) || requests < 1 || !Number.isInteger(seed)) {
  process.stderr.write('--requests takes a whole number from 1, --seed a whole number\n');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'questlog-fuzz-'));
const server = await FuzzServer.start({ database: values.database, folder });
console.log(
  `${requests} requests, seed ${seed}, on ${values.database === undefined ? 'PGlite' : 'PostgreSQL'}`,
);
const began = performance.now();
let printed = began;
const { failure, tally, document, heap } = await fuzz({
  server,
  requests,
  seed,
  onRound: ({ replies }) => {
    if (performance.now() < printed + PROGRESS_MS) return;
    printed = performance.now();
    const seconds = (printed - began) / 1_000;
    console.log(`${replies} replies, ${Math.round(replies / seconds)}/s`);
  },
});
console.log(tally.lines().join('\n'));
console.log(`${tally.replies} replies, ${tally.compared} chats came back as they were sent`);
console.log(`never seen: ${tally.unseen(document).join('; ') || 'nothing'}`);
console.log(`heap of the server: ${heap.middle} MB in the middle, ${heap.end} MB at the end`);
const grown = heap.end > heap.middle + HEAP_GROWTH ? "the server's heap has grown" : undefined;
const broken = failure ?? grown;
if (broken !== undefined) {
  process.exitCode = 1;
  console.log(`\nRED: ${broken}\n${failure === undefined ? '' : server.program.output().slice(-4_000)}`);
}
await server.stop();
rmSync(folder, { recursive: true, force: true });
