import { migrate as applyMigrations, type MigrateOptions, planMigrations } from '../../driver/migrate.ts';
import { tellWait, useDatabase } from '../use-database.ts';
import type { Command, Options } from './command.ts';

export const migrate: Command = {
  name: 'migrate',
  takes: '',
  options: { 'dry-run': 'only name what is to be done', sql: 'only print it, as SQL for psql' },
  settings: {
    attempts: [
      'N',
      'how often to ask for the locks that others hold, before it gives up and has changed nothing (20)',
    ],
  },
  summary: 'bring the tables up to date',
  run: (_args, options) =>
    useDatabase(async (db) => {
      if (options.has('sql')) process.stdout.write((await planMigrations(db)).script);
      else if (options.has('dry-run')) report('to apply', (await planMigrations(db)).names);
      else report('applied', await applyMigrations(db, { ...readAttempts(options), onWait: tellWait }));
    }),
};

function report(what: string, names: readonly string[]): void {
  const lines = names.length === 0 ? ['the tables are up to date'] : names.map((name) => `${what}: ${name}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

function readAttempts(options: Options): MigrateOptions {
  const attempts = options.get('attempts');
  return attempts === undefined ? {} : { attempts: Number(attempts) };
}
