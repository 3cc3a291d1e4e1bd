import { describe, expect, it } from 'vitest';
import { query } from '../../src/driver/driver.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { DATABASES } from '../support/databases.ts';
import { migrateTo } from '../support/levels.ts';

/** Before keys began with the user. */
const LEVEL = 10;

describe.each(DATABASES)('an older database on $name', ({ openEmpty }) => {
  it('in which the owner of a chat was changed by hand is upgraded, with its items, runs and their events', async () => {
    const db = await openEmpty();
    await migrateTo(db, LEVEL);
    await db.exec(`
      insert into chats (chat_id, user_id, next_position) values ('given', 'ann', 1), ('kept', 'ann', 1);
      insert into chat_items (chat_id, user_id, position, item) values ('given', 'ann', 0, '{}'), ('kept', 'ann', 0, '{}');
      insert into runs (user_id, run_id, chat_id, agent, status, epoch, lease_until)
        values ('ann', 'run-given', 'given', 'a', 'awaiting_approval', 1, now()), ('ann', 'run-kept', 'kept', 'a', 'completed', 1, now());
      insert into run_events (user_id, run_id, first_event, last_event, events)
        values ('ann', 'run-given', 1, 1, '[1]'), ('ann', 'run-kept', 1, 1, '[1]');
      insert into run_states (user_id, run_id, state) values ('ann', 'run-given', 'waits');
      insert into idempotency_keys (user_id, idempotency_key, fingerprint, run_id)
        values ('ann', 'key', 'f', 'run-given');
      update chats set user_id = 'bob' where chat_id = 'given'`);
    await migrate(db);
    const idsOf = (table: string, id: string) =>
      query(db, { text: `select user_id, ${id} as id from ${table} order by 1, 2` });
    const chats = [
      { user_id: 'ann', id: 'kept' },
      { user_id: 'bob', id: 'given' },
    ];
    const runs = [
      { user_id: 'ann', id: 'run-kept' },
      { user_id: 'bob', id: 'run-given' },
    ];
    expect(await idsOf('chat_items', 'chat_id')).toEqual(chats);
    expect(await idsOf('runs', 'run_id')).toEqual(runs);
    expect(await idsOf('run_events', 'run_id')).toEqual(runs);
    expect(await idsOf('run_states', 'run_id')).toEqual(runs.slice(1));
    expect(await idsOf('idempotency_keys', 'run_id')).toEqual([]);
  });
});
