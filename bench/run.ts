/** `npm run bench [-- session throughput http streams growth] [--quick] [--long]`. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { startPostgres } from '../test/support/postgres-server.ts';
import { type Bench, createBench } from './bench.ts';
import { measureGrowth } from './growth.ts';
import { measureHttp } from './http.ts';
import { toMarkdown } from './measure.ts';
import { measureSession } from './session.ts';
import { measureStreams } from './streams.ts';
import { measureThroughput } from './throughput.ts';

const GROUPS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  session: measureSession,
  throughput: measureThroughput,
  http: measureHttp,
  streams: measureStreams,
  growth: measureGrowth,
};

const args = process.argv.slice(2);
const flags = new Set(args.filter((arg) => arg.startsWith('--')));
const wanted = args.filter((arg) => !arg.startsWith('--'));
const unknown = wanted.find((name) => GROUPS[name] === undefined);
if (unknown !== undefined) throw new Error(`no group ${unknown}: ${Object.keys(GROUPS).join(', ')}`);

if (!existsSync('bench/node_modules') && !flags.has('--no-peers')) {
  execFileSync('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'], { stdio: 'inherit' });
}
// As in production: a commit is on the disk.
const server = await startPostgres(['fsync=on']);
const bench = createBench({
  url: server.url,
  quick: flags.has('--quick'),
  long: flags.has('--long'),
  peers: !flags.has('--no-peers'),
});
for (const [name, measure] of Object.entries(GROUPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const began = performance.now();
  const first = bench.tables.length;
  await measure(bench);
  for (const table of bench.tables.slice(first)) console.log(`${toMarkdown(table)}\n`);
  console.log(`(${name}: ${((performance.now() - began) / 1_000).toFixed(0)} s)\n`);
}
await server.stop();
