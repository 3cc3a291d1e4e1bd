import { migrate as applyMigrations, planMigrations } from '../../driver/migrate.ts';
import { useDatabase } from '../use-database.ts';
import type { Command } from './command.ts';

export const migrate: Command = {
  name: 'migrate',
  takes: '',
  options: { 'dry-run': 'only name what is to be done', sql: 'only print it, as SQL for psql' },
  summary: 'bring the tables up to date',
  run: (_args, options) =>
    useDatabase(async (db) => {
      if (options.has('sql')) process.stdout.write((await planMigrations(db)).script);
      else if (options.has('dry-run')) report('to apply', (await planMigrations(db)).names);
      else report('applied', await applyMigrations(db));
    }),
};

function report(what: string, names: readonly string[]): void {
  const lines = names.length === 0 ? ['the tables are up to date'] : names.map((name) => `${what}: ${name}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
