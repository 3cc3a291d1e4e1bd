import { expect, test } from 'vitest';
import { migrate, openDatabase, type Statement } from '../../src/index.ts';
import { listRuns } from '../../src/store/runs/runs.ts';
import { closedAfterTest, createPostgresDatabase } from '../support/databases.ts';
import { planOf, sentBy } from '../support/plans.ts';

test('a list of runs walks along an index and stops at its limit, however many runs the user has', async () => {
  const db = closedAfterTest(await openDatabase(await createPostgresDatabase()));
  await migrate(db);
  await db.exec(`
    insert into chats (chat_id, user_id) select 'chat-' || n, 'user-1' from generate_series(0, 199) as n;
    insert into runs (user_id, run_id, chat_id, agent, status, epoch, lease_until, started_at)
      select 'user-1', 'run-' || n, 'chat-' || n % 200, 'A',
        case when n % 1000 = 0 then 'awaiting_approval' else 'completed' end, 1, now(), now() - n * interval '1 s'
      from generate_series(1, 20000) as n;
    analyze runs`);
  for (const [filter, index] of [
    [{}, 'idx_runs_of_user'],
    [{ before: 'run-9000' }, 'idx_runs_of_user'],
    [{ status: 'awaiting_approval' }, 'idx_waiting_runs'],
    [{ chatId: 'chat-7' }, 'idx_runs_of_chat'],
  ] as const) {
    const [sent] = await sentBy(db, (spy) => listRuns(spy, 'user-1', { ...filter, limit: 10 }));
    const plan = await planOf(db, sent as Statement, 'force_custom_plan');
    expect(plan).toContain(index);
    expect(plan, plan).not.toContain('Seq Scan');
  }
});
