import { deleteUserData } from '../../store/users/delete-user-data.ts';
import { prepareTables, useDatabase } from '../use-database.ts';
import type { Command } from './command.ts';

export const forget: Command = {
  name: 'forget',
  takes: 'USER',
  summary: 'remove everything that is stored of a user, for good',
  run: ([userId = '']) =>
    useDatabase(async (db, config) => {
      await prepareTables(db, config);
      const counts = Object.entries(await deleteUserData(db, userId));
      const lines = counts.map(([table, count]) => `removed ${count} rows of ${table}\n`);
      process.stdout.write(lines.join('') || 'nothing was stored of this user\n');
    }),
};
