import { expect, it } from 'vitest';
import { query } from '../../src/driver/driver.ts';
import { isWrite } from '../../src/driver/outcome.ts';
import { createChat } from '../../src/index.ts';
import { textFor } from '../../src/store/callable.ts';
import { CALLABLES } from '../../src/store/distribution/steps.ts';
import { newUser, SERVER } from '../support/databases.ts';

it.each(CALLABLES)('a call of $name is known to write: unanswered, its outcome is unknown', (callable) => {
  const nowhere = { query: () => Promise.reject(new Error('nowhere')) };
  for (const isDistributed of [true, false])
    expect(isWrite(textFor({ ...nowhere, isDistributed }, callable))).toBe(true);
});

it('a node that is gone at a commit leaves its outcome unknown', { timeout: 60_000 }, async ({ skip }) => {
  if (SERVER.name !== 'Citus') skip('CITUS_URL names no cluster');
  const db = await SERVER.open();
  const userId = newUser();
  const { chatId } = await createChat(db, userId, {});
  const written = db.transaction(async (tx) => {
    await query(tx, {
      text: 'update chats set title = $3 where user_id = $1 and chat_id = $2',
      values: [userId, chatId, 'written'],
    });
    await query(db, {
      text: `select run_command_on_workers('select pg_terminate_backend(pid) from pg_stat_activity
        where state = ''idle in transaction'' and datname = current_database()')`,
    });
  });
  await expect(written).rejects.toMatchObject({ code: 'outcome_unknown' });
});
