import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from '../test/support/process.ts';
import { type Bench, createDatabase } from './bench.ts';
import { compiledFolder } from './compile.ts';
import { interleave, spread } from './measure.ts';

/** From the start of the built server's process until it listens, and until its first run has answered. */
export async function measureColdStart(bench: Bench): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'questlog-bench-'));
  const url = await createDatabase(bench, 'cold_start');
  const cases = [
    {
      key: 'start/pglite-first',
      label: 'PGlite, the first time',
      env: { QUESTLOG_DATA_DIR: join(folder, 'data') },
    },
    { key: 'start/postgres-first', label: 'PostgreSQL, an empty database', env: { DATABASE_URL: url } },
  ];
  for (const { key, env } of cases) await start(bench, key, env);
  const again = cases.map((first) => ({
    ...first,
    key: first.key.replace('-first', '-again'),
    label: first.label.replace(/,.*/, ', as it was left'),
  }));
  await interleave(again, bench.quick ? 1 : 4, async ({ key, env }) => {
    await start(bench, key, env);
  });
  rmSync(folder, { recursive: true, force: true });
  bench.tables.push({
    title: 'Start of the server',
    columns: ['database', 'ms until it serves', 'until its first run has answered'],
    rows: [...cases, ...again].map(({ key, label }) => [
      label,
      ...['listens', 'answers'].map((what) => {
        const figure = bench.figures.get(`${key}/${what}`);
        return figure === undefined ? '–' : spread(figure);
      }),
    ]),
  });
}

async function start({ figures }: Bench, key: string, env: Readonly<Record<string, string>>): Promise<void> {
  const began = performance.now();
  const program = startProgram(join(compiledFolder(), 'src/server/cli.js'), {
    env: { PORT: '0', LOG_LEVEL: 'warn', ...env },
    cwd: tmpdir(),
  });
  const line = await program.line(/^Questlog listens on /);
  figures.add(`${key}/listens`, performance.now() - began);
  const reply = await fetch(`${line.split(' ')[3]}/chat/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":"Hello"}',
  });
  await reply.text();
  figures.add(`${key}/answers`, performance.now() - began);
  await program.kill('SIGTERM');
}
