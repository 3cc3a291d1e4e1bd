/**
 * `npm run bench [-- group …] [--quick] [--long] [--no-peers]`: all groups, or those named. A whole run writes
 * bench/results.json and docs/performance.md.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { startPostgres } from '../test/support/postgres-server.ts';
import { type Bench, createBench } from './bench.ts';
import { measureGrowth } from './growth.ts';
import { measureHttp } from './http.ts';
import { toMarkdown } from './measure.ts';
import { measureNeighbours } from './neighbours/neighbours.ts';
import { measureProcesses } from './processes.ts';
import { type Section, writeReport } from './report.ts';
import { measureSearch } from './search.ts';
import { measureSession } from './session.ts';
import { measureStreams } from './streams.ts';
import { checkTargets } from './targets.ts';
import { measureThroughput } from './throughput.ts';

interface Group {
  readonly title: string;
  readonly measure: (bench: Bench) => Promise<void>;
}

const GROUPS: Readonly<Record<string, Group>> = {
  session: { title: 'Session', measure: measureSession },
  throughput: { title: 'Throughput', measure: measureThroughput },
  http: { title: 'HTTP', measure: measureHttp },
  streams: { title: 'Streams', measure: measureStreams },
  growth: { title: 'Growth', measure: measureGrowth },
  search: { title: 'Search', measure: measureSearch },
  processes: { title: 'Processes', measure: measureProcesses },
  neighbours: { title: 'Neighbours', measure: measureNeighbours },
};

const FLAGS = ['--quick', '--long', '--no-peers'];

async function main(args: readonly string[]): Promise<void> {
  const flags = new Set(args.filter((arg) => arg.startsWith('--')));
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = names.find((name) => GROUPS[name] === undefined);
  const wrong = unknown ?? [...flags].find((flag) => !FLAGS.includes(flag));
  if (wrong !== undefined) {
    console.error(`What is ${wrong}? There are ${[...Object.keys(GROUPS), ...FLAGS].join(', ')}.`);
    process.exitCode = 1;
    return;
  }
  const [quick, long, peers] = [flags.has('--quick'), flags.has('--long'), !flags.has('--no-peers')];
  if (peers) installPeers();
  const [loadBefore = 0] = loadavg();
  const began = performance.now();
  // As in production, what is committed is on the disk. One of the stores opens a pool for each chat.
  const server = await startPostgres(['fsync=on', 'max_connections=500']);
  try {
    const bench = createBench({ url: server.url, quick, long, peers });
    const sections: Section[] = [];
    for (const [name, group] of Object.entries(GROUPS)) {
      if (names.length === 0 || names.includes(name)) sections.push(await measure(bench, group));
    }
    console.log(
      'A cell: **the ratio** (the median in the unit of the table, and the middle half of the samples).\n',
    );
    if (!quick) console.log(toMarkdown(checkTargets(bench.figures)));
    const minutes = (performance.now() - began) / 60_000;
    console.log(`${minutes.toFixed(1)} minutes`);
    if (names.length > 0 || quick || !peers) return;
    writeReport(bench, sections, { postgres: server.description, minutes, loadBefore });
  } finally {
    await server.stop();
  }
}

async function measure(bench: Bench, { title, measure: fill }: Group): Promise<Section> {
  const began = performance.now();
  const first = bench.tables.length;
  await fill(bench);
  const tables = bench.tables.slice(first);
  console.log(`## ${title} (${((performance.now() - began) / 1_000).toFixed(0)} s)\n`);
  for (const table of tables) console.log(`${toMarkdown(table)}\n`);
  return { title, tables };
}

function installPeers(): void {
  // npm writes this file last: without it an install was cut short.
  if (existsSync('bench/node_modules/.package-lock.json')) return;
  execFileSync('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'], { stdio: 'inherit' });
}

await main(process.argv.slice(2));
