import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from '../test/support/process.ts';
import { type Bench, createDatabase } from './bench.ts';
import { compiledFolder } from './compile.ts';
import { interleave, spread } from './measure.ts';

/** From the start of the built server's process until it says that it listens. */
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
  for (const { key, env } of cases) bench.figures.add(key, await start(env));
  const again = cases.map((first) => ({
    ...first,
    key: first.key.replace('-first', '-again'),
    label: first.label.replace(/,.*/, ', as it was left'),
  }));
  await interleave(again, bench.quick ? 1 : 4, async ({ key, env }) => {
    bench.figures.add(key, await start(env));
  });
  rmSync(folder, { recursive: true, force: true });
  bench.tables.push({
    title: 'Start of the server',
    columns: ['database', 'ms until it serves'],
    rows: [...cases, ...again].map(({ key, label }) => {
      const figure = bench.figures.get(key);
      return [label, figure === undefined ? '–' : spread(figure)];
    }),
  });
}

async function start(env: Readonly<Record<string, string>>): Promise<number> {
  const began = performance.now();
  const program = startProgram(join(compiledFolder(), 'src/server/cli.js'), {
    env: { PORT: '0', LOG_LEVEL: 'warn', ...env },
    cwd: tmpdir(),
  });
  await program.line(/^Questlog listens on /);
  const ms = performance.now() - began;
  await program.kill('SIGTERM');
  return ms;
}
