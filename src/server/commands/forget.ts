import { deleteUserData } from '../../store/users/delete-user-data.ts';
import { prepareTables, useDatabase } from '../use-database.ts';
import type { Run } from './command.ts';
import { countOf } from './report.ts';

export const forget: Run = ([userId = '']) =>
  useDatabase(async (db, config) => {
    await prepareTables(db, config);
    const removed = await deleteUserData(db, userId);
    const lines = Object.entries(removed).map(
      ([table, rows]) => `removed ${countOf(rows, 'row')} of ${table}`,
    );
    return { lines: lines.length === 0 ? ['nothing was stored of this user'] : lines, document: { removed } };
  });
