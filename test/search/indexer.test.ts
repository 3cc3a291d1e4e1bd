import { Agent, run } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import { createChat, DatabaseSession, migrate, SearchIndexer, searchChats } from '../../src/index.ts';
import { searchHistory } from '../../src/run/search-history.ts';
import { catchUp } from '../../src/search/catch-up.ts';
import { userSays } from '../session/items.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { runsOn } from '../support/runs.ts';

describe.each(DATABASES)('the indexer on $name', ({ open, openEmpty }) => {
  const countEntries = async (db: Database, userId: string) => {
    const text = 'select count(*)::int as count from search_entries where user_id = $1';
    const [row] = await query<{ count: number }>(db, { userId, text, values: [userId] });
    return row?.count;
  };

  it('indexes what is written, also what was there before it began', async () => {
    const db = await openEmpty();
    await migrate(db);
    const [old, userId] = [newUser(), newUser()];
    await createChat(db, old, { title: 'Old', conversation: [userSays('old')] });
    const indexer = new SearchIndexer({ db });
    indexer.start();
    onTestFinished(() => indexer.close());
    await expect.poll(() => countEntries(db, old), { timeout: 20_000 }).toBe(2);
    const { chatId } = await createChat(db, userId, { conversation: [userSays('new')] });
    await expect.poll(() => countEntries(db, userId), { timeout: 20_000 }).toBe(1);
    await new DatabaseSession(chatId, db, { userId }).popItem();
    await expect.poll(() => countEntries(db, userId), { timeout: 20_000 }).toBe(0);
    await indexer.close();
  });

  it('works beside another one, and beside searches', async () => {
    const db = await open();
    const userId = newUser();
    const chats = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        createChat(db, userId, { title: `t${n}`, conversation: [userSays('both sides')] }),
      ),
    );
    await Promise.all(Array.from({ length: 4 }, () => catchUp(db, userId, 10_000)));
    await Promise.all(
      chats.flatMap(({ chatId }) => [
        new DatabaseSession(chatId, db, { userId }).addItems([userSays('both')]),
        searchChats(db, userId, { query: 'both' }),
      ]),
    );
    expect((await searchChats(db, userId, { query: 'both', limit: 50 })).results).toHaveLength(24);
  });
});

describe.each(DATABASES)('the tool search_history on $name', ({ open }) => {
  it('gives a model what its user’s chats say, and nobody else’s', async () => {
    const db = await open();
    const [userId, other] = [newUser(), newUser()];
    await createChat(db, userId, { title: 'Inn', conversation: [userSays('My horse is called Bucephalus')] });
    await createChat(db, other, { conversation: [userSays('My horse is called Secret')] });
    const model = new ScriptedModel([
      [functionCall('search_history', { query: 'horse called' }, { callId: 'c' })],
      [assistantMessage('Bucephalus.')],
    ]);
    const agent = new Agent({ name: 'A', model, tools: [searchHistory(db)] });
    const started = await runsOn(db).start({ agent, userId, input: 'What is it called?' });
    await started.result();
    const items = await new DatabaseSession(started.chatId ?? '', db, { userId }).getItems();
    const output = JSON.stringify(items.find(({ type }) => type === 'function_call_result'));
    expect(output).toContain('Bucephalus');
    expect(output).not.toContain('Secret');
  });

  it('says that there is nothing to look through where a run has no user', async () => {
    const model = new ScriptedModel([
      [functionCall('search_history', { query: 'horse' }, { callId: 'c' })],
      [assistantMessage('Nothing.')],
    ]);
    const agent = new Agent({ name: 'A', model, tools: [searchHistory(await open())] });
    const { history } = await run(agent, 'Go');
    expect(JSON.stringify(history)).toContain('This run has no user');
  });
});
