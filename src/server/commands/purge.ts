import { purge as purgeDatabase } from '../../store/users/purge.ts';
import { prepareTables, useDatabase } from '../use-database.ts';
import type { Command } from './command.ts';

export const purge: Command = {
  name: 'purge',
  takes: '',
  options: { 'dry-run': 'only count what would be removed' },
  summary: 'remove what is older than it is kept (QUESTLOG_KEEP_…), as the server does every hour',
  run: (_args, options) =>
    useDatabase(async (db, config) => {
      const dryRun = options.has('dry-run');
      // To count changes nothing, the tables included.
      await prepareTables(db, config, !dryRun);
      const { chats, archivedItems, runs, usage } = await purgeDatabase(db, config.keep, { dryRun });
      const did = dryRun ? 'would remove' : 'removed';
      process.stdout.write(
        `${did} ${chats} chats, ${archivedItems} archived items, ${runs} runs, ${usage} rows of usage\n`,
      );
    }),
};
