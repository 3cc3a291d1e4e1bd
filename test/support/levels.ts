import { type Driver, query } from '../../src/driver/driver.ts';
import { readMigrations } from '../../src/driver/migrations/read-migrations.ts';

/** The table of the DnD Agent Builder, as it made it. */
export const SEED_TABLE = `CREATE TABLE chats (chat_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, conversation JSONB, title TEXT,
  is_active BOOLEAN DEFAULT TRUE, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ)`;
export const SEED_INDEXES = `CREATE INDEX idx_user_chats ON chats (user_id, created_at);
  CREATE INDEX idx_active_chats ON chats (user_id, is_active)`;

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
