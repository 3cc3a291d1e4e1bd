import { distribute as distributeTables, planDistribution } from '../../store/distribution/distribute.ts';
import { useDatabase } from '../use-database.ts';
import type { Run } from './command.ts';
import { withProgress } from './progress.ts';

export const distribute: Run = (_args, options) =>
  useDatabase(async (db) => {
    const dryRun = options.has('dry-run');
    const steps = (await planDistribution(db)).map(({ name }) => name);
    if (!dryRun)
      await withProgress(async (progress) => {
        let done = 0;
        await distributeTables(db, ({ name }) => {
          progress.show(name, done / steps.length);
          done += 1;
        });
      });
    const lines = dryRun ? steps.map((name) => `to do: ${name}`) : steps;
    return {
      lines: steps.length === 0 ? ['the tables are distributed'] : lines,
      document: { dry_run: dryRun, steps },
    };
  });
