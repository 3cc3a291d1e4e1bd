import { openDatabase } from '../../database/open.ts';
import { isMigrated, migrate } from '../../driver/migrate.ts';
import { QuestlogError } from '../../errors.ts';
import { purge as purgeDatabase } from '../../store/users/purge.ts';
import { readConfig } from '../config.ts';
import type { Command } from './command.ts';

export const purge: Command = {
  name: 'purge',
  takes: '',
  options: { 'dry-run': 'only count what would be removed' },
  summary: 'remove what is older than it is kept (QUESTLOG_KEEP_…), as the server does every hour',
  async run(_args, options) {
    const config = readConfig(process.env);
    const db = await openDatabase(config.database, { schema: config.schema });
    try {
      const dryRun = options.has('dry-run');
      // To count changes nothing, the tables included.
      if (config.migrates && !dryRun) await migrate(db);
      else if (!(await isMigrated(db)))
        throw new QuestlogError(
          'invalid_configuration',
          'the tables are not up to date: questlog migrate first',
        );
      const { chats, archivedItems, runs } = await purgeDatabase(db, config.keep, { dryRun });
      const did = dryRun ? 'would remove' : 'removed';
      process.stdout.write(`${did} ${chats} chats, ${archivedItems} archived items, ${runs} runs\n`);
    } finally {
      await db.close();
    }
  },
};
