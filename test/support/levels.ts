import { type Driver, query } from '../../src/driver/driver.ts';
import { readMigrations } from '../../src/driver/migrations/read-migrations.ts';

/** Brings an empty database, or one with the seed's table, to where a version left it whose newest migration was `level`. */
export async function migrateTo(db: Driver, level: number): Promise<void> {
  const applied = (await readMigrations()).filter(({ number }) => number <= level);
  if (applied.length === 0) return;
  await db.transaction(async (tx) => {
    await tx.exec(`create table questlog_migrations (
      number int primary key, name text not null, applied_at timestamptz not null default now())`);
    for (const { number, name, script } of applied) {
      await tx.exec(script);
      await query(tx, {
        text: 'insert into questlog_migrations (number, name) values ($1, $2)',
        values: [number, name],
      });
    }
  }, null);
}
