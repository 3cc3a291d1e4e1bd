import { type Purged, purge as purgeDatabase } from '../../store/users/purge.ts';
import { prepareTables, useDatabase } from '../use-database.ts';
import type { Run } from './command.ts';
import { withProgress } from './progress.ts';
import { countOf } from './report.ts';

export const purge: Run = (_args, options) =>
  useDatabase(async (db, config) => {
    const dryRun = options.has('dry-run');
    const did = dryRun ? 'would remove' : 'removed';
    // To count changes nothing, the tables included.
    await prepareTables(db, config, !dryRun);
    const purged = await withProgress((progress) =>
      purgeDatabase(db, config.keep, {
        dryRun,
        onProgress: (soFar) => progress.show(`${did} ${inWords(soFar)}`),
      }),
    );
    const { chats, archivedItems, runs, usage } = purged;
    return {
      lines: [`${did} ${inWords(purged)}`],
      document: { dry_run: dryRun, chats, archived_items: archivedItems, runs, usage },
    };
  });

function inWords({ chats, archivedItems, runs, usage }: Purged): string {
  return [
    countOf(chats, 'chat'),
    countOf(archivedItems, 'archived item'),
    countOf(runs, 'run'),
    `${countOf(usage, 'row')} of usage`,
  ].join(', ');
}
