import { afterAll, describe, expect, it } from 'vitest';
import { type Database, migrate, openDatabase, type Statement } from '../../src/index.ts';
import { getChangedChatsOfMany } from '../../src/store/chats/changed-chats.ts';
import { createPostgresDatabase } from '../support/databases.ts';

const SINCE = Date.parse('2026-11-22T00:30:00Z') * 1_000;

describe('the look for changed chats, among many', () => {
  let prepared: Promise<Database> | undefined;
  const open = () => (prepared ??= openFull());
  afterAll(async () => (await prepared)?.close());

  it.each(['force_custom_plan', 'force_generic_plan'])(
    'walks along indexes by user and time (%s)',
    async (mode) => {
      const plan = await planOf(await open(), mode);
      for (const index of [
        'idx_recent_chats',
        'idx_deleted_chats',
        'idx_removed_chats',
        'idx_runs_of_chat',
      ]) {
        expect(plan).toContain(index);
      }
      expect(plan).not.toContain('Seq Scan');
    },
  );

  it('finds what is newer, oldest change first, and of each user no more than was asked for', async () => {
    const db = await open();
    const users = ['user-1', 'user-2'];
    const found = await getChangedChatsOfMany(db, users, SINCE, 1_000);
    expect(found.filter(({ isRemoved }) => isRemoved)).toHaveLength(8);
    const versions = found.map(({ version }) => version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(Math.min(...versions)).toBeGreaterThan(SINCE);
    const some = await getChangedChatsOfMany(db, users, SINCE, 3);
    // Of each: three active, three soft-deleted, three removed.
    expect(some).toHaveLength(18);
    expect(some.at(-1)).toEqual(found.at(-1));
  });
});

async function planOf(db: Database, mode: string): Promise<string> {
  const sent: Statement[] = [];
  const spy = {
    query: async (statement: Statement) => {
      sent.push(statement);
      return { rows: [] };
    },
  };
  await getChangedChatsOfMany(spy, ['user-1', 'user-2'], SINCE, 500);
  return db.transaction(async (tx) => {
    await tx.query({ text: `set local plan_cache_mode = ${mode}` });
    await tx.query({ text: `prepare look as ${sent[0]?.text}` });
    const { rows } = await tx.query({ text: `explain execute look('{user-1,user-2}', ${SINCE}, 500)` });
    await tx.query({ text: 'deallocate look' });
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
}

/** 30,000 chats of 300 users, one a tenth of a second; a fifth soft-deleted; 3,000 removed; each with a run. */
async function openFull(): Promise<Database> {
  const db = await openDatabase(await createPostgresDatabase());
  await migrate(db);
  const at = `timestamptz '2026-11-22 00:00:00Z' + n * interval '0.12 second'`;
  await db.exec(`
    insert into chats (chat_id, user_id, is_active, updated_at)
      select 'chat-' || n, 'user-' || n % 300, (n / 300) % 5 > 0, ${at} from generate_series(1, 30000) as n;
    insert into chat_items (chat_id, position, user_id, item)
      select 'chat-' || n, p, 'user-' || n % 300, '{}' from generate_series(1, 30000, 10) as n, generate_series(0, 9) as p;
    insert into runs (user_id, run_id, chat_id, agent, status, epoch, lease_until)
      select 'user-' || n % 300, 'run-' || n, 'chat-' || n, 'a', 'completed', 1, now() from generate_series(1, 30000) as n;
    insert into run_events (user_id, run_id, first_event, last_event, events)
      select 'user-' || n % 300, 'run-' || n, 1, 2, '[]' from generate_series(1, 30000) as n;
    insert into removed_chats (user_id, chat_id, removed_at)
      select 'user-' || n % 300, 'removed-' || n, timestamptz '2026-11-22 00:00:00Z' + n * interval '1.1 second'
      from generate_series(1, 3000) as n;
  `);
  await db.query({ text: 'analyze' });
  return db;
}
