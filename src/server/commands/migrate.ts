import { migrate as applyMigrations, type MigrateOptions, planMigrations } from '../../driver/migrate.ts';
import { tellWait, useDatabase } from '../use-database.ts';
import type { Options, Outcome, Run } from './command.ts';
import { withProgress } from './progress.ts';

export const migrate: Run = (_args, options) =>
  useDatabase(async (db) => {
    const { names, script } = await planMigrations(db);
    if (options.has('sql')) {
      const document = { dry_run: true, migrations: names, sql: script };
      return { lines: script === '' ? [] : [script.trimEnd()], document };
    }
    if (options.has('dry-run')) return describe('to apply', names, true);
    const applied = await withProgress((progress) => {
      progress.show(`migrating: ${names.length} to apply`);
      return applyMigrations(db, { ...readAttempts(options), onWait: tellWait });
    });
    return describe('applied', applied, false);
  });

function describe(what: string, migrations: readonly string[], dryRun: boolean): Outcome {
  const lines = migrations.map((name) => `${what}: ${name}`);
  return {
    lines: lines.length === 0 ? ['the tables are up to date'] : lines,
    document: { dry_run: dryRun, migrations },
  };
}

function readAttempts(options: Options): MigrateOptions {
  const attempts = options.get('attempts');
  return attempts === undefined ? {} : { attempts: Number(attempts) };
}
