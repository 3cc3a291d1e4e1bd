import { openDatabase } from '../../database/open.ts';
import { migrate } from '../../driver/migrate.ts';
import { deleteUserData } from '../../store/users/delete-user-data.ts';
import { readConfig } from '../config.ts';
import type { Command } from './command.ts';

export const forget: Command = {
  name: 'forget',
  takes: 'USER',
  summary: 'remove everything that is stored of a user, for good',
  async run([userId = '']) {
    const config = readConfig(process.env);
    const db = await openDatabase(config.database, { schema: config.schema });
    try {
      if (config.migrates) await migrate(db);
      const counts = Object.entries(await deleteUserData(db, userId));
      const lines = counts.map(([table, count]) => `removed ${count} rows of ${table}\n`);
      process.stdout.write(lines.join('') || 'nothing was stored of this user\n');
    } finally {
      await db.close();
    }
  },
};
