import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import type { Bench } from './bench.ts';
import { type Table, toMarkdown } from './measure.ts';
import { versionOfPeer } from './stores/store.ts';
import { checkTargets } from './targets.ts';

export interface Section {
  readonly title: string;
  readonly tables: readonly Table[];
}

export interface RunFacts {
  readonly postgres: string;
  readonly minutes: number;
  /** The load of the machine when it began. */
  readonly loadBefore: number;
}

const PEERS = [
  '@mastra/pg',
  '@mastra/memory',
  '@langchain/langgraph',
  '@langchain/langgraph-checkpoint-postgres',
  'pg',
];

/** Writes bench/results.json and docs/performance.md. */
export function writeReport(bench: Bench, sections: readonly Section[], facts: RunFacts): void {
  const machine = describeMachine(facts);
  const figures = Object.fromEntries(bench.figures.keys().map((key) => [key, bench.figures.get(key)]));
  writeFileSync('bench/results.json', `${JSON.stringify({ machine, figures }, null, 1)}\n`);
  const parts = [
    '# Performance',
    'Written by `npm run bench`; the last section by hand (`bench/notes.md`).',
    HOW_TO_READ,
    `## The machine\n\n${machine.map((line) => `- ${line}`).join('\n')}`,
    `## ${toMarkdown(checkTargets(bench.figures)).replace(/^#+ /, '')}`,
    ...sections.map(({ title, tables }) => `## ${title}\n\n${tables.map(toMarkdown).join('\n')}`),
    readFileSync('bench/notes.md', 'utf8'),
  ];
  writeFileSync('docs/performance.md', `${parts.map((part) => part.trim()).join('\n\n')}\n`);
}

const HOW_TO_READ = `## How to read this

Ratios count, milliseconds are context: the machine also does other work, and another one is faster or slower as a
whole. Everything in a table was measured in one run, in turns, each round in another order, so what disturbed one
disturbed all. A cell such as **3.20 ×** (1.31, 1.20–1.52) says: 3.20 times Questlog's figure (or that of the row or column
that the table names); the median is 1.31, in the unit of the table, and the middle half of the samples lies from 1.20 to
1.52. Every store and server works in a process of its own, on a database of its own in the same PostgreSQL, whose commits
are on the disk. The peers get the same messages, a pool of the same size and the
same settings; what each does is said in its file in \`bench/stores/\`. Where a peer has no such operation, its cell says so.`;

function describeMachine({ postgres, minutes, loadBefore }: RunFacts): string[] {
  const [cpu] = cpus();
  return [
    `${cpus().length} cores, ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB of memory`,
    `load of the machine ${loadBefore.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after; ${minutes.toFixed(1)} minutes`,
    `Node ${process.version}, ${postgres}`,
    PEERS.map((name) => `${name} ${versionOfPeer(name)}`).join(', '),
  ];
}
