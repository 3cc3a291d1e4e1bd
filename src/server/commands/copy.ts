import type { Database } from '../../database/database.ts';
import { openDatabase } from '../../database/open.ts';
import { hasTables, migrate } from '../../driver/migrate.ts';
import { toFolder } from '../../driver/open.ts';
import { hasCluster } from '../../driver/pglite/pglite-driver.ts';
import { QuestlogError } from '../../errors.ts';
import { copyChats } from '../../store/copy.ts';
import { readConfig } from '../config.ts';
import { tellWait } from '../use-database.ts';
import type { Run } from './command.ts';
import { withProgress } from './progress.ts';
import { countOf } from './report.ts';

export const copy: Run = async ([from = '', to = '']) => {
  const { schema } = readConfig(process.env);
  const source = await openSource(from, schema);
  try {
    const target = await openDatabase(to, { schema });
    try {
      for (const db of [source, target]) await migrate(db, { onWait: tellWait });
      const chats = await withProgress((progress) =>
        copyChats(source, target, (done, all) =>
          progress.show(`copied ${done} of ${countOf(all, 'chat')}`, done / all),
        ),
      );
      return {
        lines: [`copied ${countOf(chats, 'chat')} to ${target.location}`],
        document: { chats, from: source.location, to: target.location },
      };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
};

/** Opens what has chats already, in the schema of the target or, as most folders have them, in none. */
async function openSource(from: string, schema: string | undefined): Promise<Database> {
  const folder = toFolder(from);
  if (folder !== undefined && !(await hasCluster(folder))) throw nothingIn(folder);
  const db = await openDatabase(from, { schema });
  if (await hasTables(db)) return db;
  await db.close();
  if (schema === undefined) throw nothingIn(db.location);
  return openSource(from, undefined);
}

function nothingIn(place: string): QuestlogError {
  return new QuestlogError('invalid_request', `there is no database of Questlog in ${place}`);
}
