import type { Database } from '../../database/database.ts';
import { planMigrations } from '../../driver/migrate.ts';
import { assertRights } from '../../driver/rights.ts';
import { explain, type Finding } from './finding.ts';

/** Whether the tables are those of this version. */
export async function checkMigrations(db: Database, migrates: boolean): Promise<readonly Finding[]> {
  const name = 'migrations';
  try {
    const { names } = await planMigrations(db);
    if (names.length === 0) return [{ name, status: 'ok', found: 'the tables are up to date' }];
    const found = `${names.length} are missing: ${names.join(', ')}`;
    return [
      migrates
        ? { name, status: 'warn', found, remedy: 'start the server, which applies them, or questlog migrate' }
        : { name, status: 'fail', found, remedy: 'run questlog migrate: QUESTLOG_MIGRATE is off' },
    ];
  } catch (error) {
    const remedy = 'do as it says, or see whether DATABASE_URL and QUESTLOG_SCHEMA name the right tables';
    return [{ name, status: 'fail', found: explain(error), remedy }];
  }
}

/** Whether the role may read and write the rows of the tables that there are. */
export async function checkRights(db: Database): Promise<readonly Finding[]> {
  const name = 'rights';
  try {
    await assertRights(db);
    return [{ name, status: 'ok', found: 'the role may read and write every table' }];
  } catch (error) {
    const remedy = 'grant them, as the owner of the tables';
    return [{ name, status: 'fail', found: explain(error), remedy }];
  }
}
