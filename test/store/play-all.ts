import { Agent, tool } from '@openai/agents-core';
import { assistantMessage, functionCall, modelResponder, ScriptedModel } from '@openai/agents-core/testing';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../src/database/database.ts';
import { atomically, type Queryable } from '../../src/driver/driver.ts';
import { assertRights } from '../../src/driver/rights.ts';
import { newId } from '../../src/ids.ts';
import { compactChat, createChat, DatabaseSession, keepWindow, migrate } from '../../src/index.ts';
import { addCampaignNote, deleteCampaignNote, getCampaignNotes } from '../../src/store/campaign-notes.ts';
import { deleteOldRemovals } from '../../src/store/chats/changed-chats.ts';
import { mergeChatCounts } from '../../src/store/chats/chat-counts.ts';
import { copyChats } from '../../src/store/copy.ts';
import { encodeItems } from '../../src/store/items/item-json.ts';
import { readLargeArchivedItem } from '../../src/store/items/item-page.ts';
import { beginRun, beginRunWithoutChat } from '../../src/store/runs/begin-run.ts';
import { appendRunEvents } from '../../src/store/runs/run-events.ts';
import { agentSays, userSays } from '../session/items.ts';
import { serverOn } from '../support/app.ts';
import { newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { appOn, eventOf, runsOn } from '../support/runs.ts';
import { liveOn, Watcher } from '../support/watching.ts';
import { ok } from './ok.ts';
import { playSearch } from './play-search.ts';
import { playUser } from './play-user.ts';

/**
 * Does all that Questlog can do with a database, so that each of its statements is sent at least once.
 *
 * @param target where to it is copied; empty.
 * @returns the users for whom it was done.
 */
export async function playAll(db: Database, target: Database): Promise<ReadonlySet<string>> {
  await migrate(db);
  await assertRights(db);
  const server = await serverOn(db);
  expect((await server.inject('/ready')).statusCode).toBe(200);
  const users = [newUser(), newUser(), newUser(), newUser(), newUser()] as const;
  await playChats(db, users[0]);
  await playSession(db, users[1]);
  await playRuns(db, users[2]);
  await playRest(db, target, users[3]);
  await playDistributed(db, users[3]);
  await playUser(db, users[4]);
  return new Set(users);
}

/** Every route about chats. */
async function playChats(db: Database, userId: string): Promise<void> {
  const { ask } = await appOn(runsOn(db), db, new Agent({ name: 'A', model: new ScriptedModel([]) }), userId);
  const conversation = [userSays('a'), agentSays('b'), userSays('c')];
  const ids: string[] = [];
  for (const body of [{ title: 'One', conversation }, { title: 'Two' }, {}]) {
    ids.push((await ok(ask('POST', '/chats', body))).chat_id);
  }
  const [full, empty, spare] = ids as [string, string, string];
  const { next_cursor: cursor } = await ok(ask('GET', '/chats?limit=1'));
  for (const query of [
    'include=conversation',
    'active_only=false',
    'deleted_only=true',
    'skip=1',
    `cursor=${cursor}`,
  ])
    await ok(ask('GET', `/chats?${query}`));
  for (const title of ['one', '%C3%96'])
    for (const state of ['', '&active_only=false', '&deleted_only=true'])
      await ok(ask('GET', `/chats?q=${title}${state}`));
  for (const body of [{ is_pinned: true, is_archived: true, tags: ['a'] }, { metadata: { a: 1 } }])
    await ok(ask('PUT', `/chats/${empty}`, body));
  for (const filter of ['archived=true', 'pinned=true', 'pinned=false', 'tag=a&tag=b', 'metadata={"a":1}'])
    await ok(ask('GET', `/chats?${filter}`));
  for (const body of [{}, { position: 0, title: 'Fork' }]) await ok(ask('POST', `/chats/${full}/fork`, body));
  for (const id of [full, empty]) await ok(ask('GET', `/chats/${id}`));
  for (const query of ['', '?before=2', '?after=0']) await ok(ask('GET', `/chats/${full}/items${query}`));
  for (const body of [{ title: 'Uno' }, { conversation }, {}]) await ok(ask('PUT', `/chats/${full}`, body));
  const aside = (await ok(ask('GET', `/chats/${full}/items`))).items.at(-1).position;
  expect((await ask('PUT', `/chats/${full}/items/${aside}/feedback`, { rating: 'up' })).statusCode).toBe(204);
  await ask('POST', `/chats/${full}/alternatives`, { from: aside, to: aside });
  await ok(ask('GET', `/chats/${full}/alternatives`));
  for (const query of ['', '&after=0', `&after=${aside}`])
    await ok(ask('GET', `/chats/${full}/items?alternative=${aside}${query}`));
  await readLargeArchivedItem(db, userId, full, aside)();
  await playSearch(db, userId, ask);
  const exported = (await ask('GET', '/chats/export')).body;
  await ask('POST', `/chats/${full}/alternatives/${aside}/select`);
  await ask('DELETE', `/chats/${full}/items?from=0&to=${aside}`);
  await ok(ask('GET', `/chats/${full}/runs`));
  await ask('DELETE', `/chats/${spare}`);
  for (let times = 0; times < 2; times += 1) await ok(ask('POST', `/chats/${spare}/restore`));
  for (const id of [spare, full, empty]) await ask('DELETE', `/chats/${id}?permanent=true`);
  expect((await ask('GET', `/chats/${spare}`)).statusCode).toBe(404);
  await ok(ask('POST', '/chats/import', exported, { 'content-type': 'application/x-ndjson' }));
}

const look = {
  type: 'function_call' as const,
  callId: 'c',
  name: 'look',
  arguments: '{}',
  status: 'completed' as const,
};

/** Every method of a session. */
async function playSession(db: Database, userId: string): Promise<void> {
  const session = (chatId = newId(), on: Queryable = db) => new DatabaseSession(chatId, on, { userId });
  const first = session();
  await first.addItems([userSays('a'), look, look, agentSays('b')]);
  const chatId = await first.getSessionId();
  await first.getItems(2);
  await first.applyHistoryMutations({
    mutations: [{ type: 'replace_function_call', callId: look.callId, replacement: look }],
  });
  for (const transaction of [
    { type: 'append_items' as const, items: [userSays('c')] },
    { type: 'replace_suffix' as const, expectedSuffix: [userSays('c')], replacement: [userSays('d')] },
  ])
    await first.applyHistoryTransaction({ operationId: newId(), transaction });
  await first.fork({ position: 0 });
  await first.setAside(1);
  await first.addItems([userSays('e')]);
  const [alternative] = await first.listAlternatives();
  await first.selectAlternative(alternative?.alternativeId ?? -1);
  await compactChat(db, chatId, userId, keepWindow({ turns: 1 }), { force: true });
  await first.popItem();
  await first.replaceHistoryWithCompaction([userSays('e')]);
  await first.clearSession();
  await first.forgetSession();
  await first.popItem();
  await session().getItems();
  // One alone, the others together; those to chats that are not there then one by one.
  await Promise.all(
    [first, session(chatId), session(), session(), session()].map((one) => one.addItems([userSays('f')])),
  );
  const undone = new Error('undone');
  await db.transaction(async (tx) => {
    await session(chatId, tx).clearSession();
    await atomically(tx, userId, () => Promise.reject(undone)).catch((error) => expect(error).toBe(undone));
  }, userId);
  for (let times = 0; times < 2; times += 1) await addCampaignNote(db, chatId, userId, 'Remember me.');
  const [note] = await getCampaignNotes(db, chatId, userId);
  await deleteCampaignNote(db, chatId, userId, note?.noteId ?? '');
}

/** Runs as they begin, wait, go on, are joined, followed, cancelled and taken over. */
async function playRuns(db: Database, userId: string): Promise<void> {
  const gate = createGate();
  const slow = modelResponder(async () => {
    await gate.opened;
    return [assistantMessage('Late.')];
  });
  const asks = () => [functionCall('burn', {}, { callId: newId() })];
  const toTool = (name: string, needsApproval: boolean) =>
    tool({ name, description: name, parameters: z.object({}), needsApproval, execute: async () => 'done' });
  const script = [
    [assistantMessage('Hi.')],
    [assistantMessage('Hi.')],
    asks(),
    [assistantMessage('Done.')],
    asks(),
    asks(),
    [functionCall('look', {}, { callId: newId() })],
    slow,
  ];
  const agent = new Agent({
    name: 'A',
    model: new ScriptedModel(script),
    tools: [toTool('burn', true), toTool('look', false)],
  });
  const titles = { model: new ScriptedModel(Array.from({ length: 9 }, () => [assistantMessage('Fire')])) };
  const limits = { runs: 1e9, tokens: 1e9, cost: 1e9 };
  const runs = runsOn(db, { leaseMs: 4_000, titles, limits });
  const { ask } = await appOn(runs, db, agent, userId);
  const key = { 'idempotency-key': newId() };
  for (let times = 0; times < 2; times += 1)
    await ok(ask('POST', '/chat/run', { input: 'go', session_id: null }, key));
  const { session_id: chatId, run_id: runId } = await ok(ask('POST', '/chat/run', { input: 'go' }));
  await expect.poll(async () => (await ask('GET', `/chats/${chatId}`)).json().title).toBe('Fire');
  const { ask: elsewhere } = await appOn(runsOn(db), db, agent, userId);
  await elsewhere('GET', `/runs/${runId}/events`, undefined, { 'last-event-id': '1' });

  const paused = await ok(ask('POST', '/chat/run', { input: 'go', session_id: chatId }));
  const decisions = [{ call_id: paused.pending[0].call_id, approve: true }];
  await ok(ask('POST', `/runs/${paused.run_id}/approvals`, { decisions }));
  await expect.poll(async () => (await ask('GET', `/runs/${paused.run_id}`)).json().status).toBe('completed');
  const given = await ok(ask('POST', '/chat/run', { input: 'go', session_id: chatId }));
  await ok(ask('POST', `/runs/${given.run_id}/cancel`));
  await ok(ask('POST', '/chat/run', { input: 'go', session_id: chatId }));
  const last = await runs.start({ agent, input: 'go', userId, chatId, pending: 'reject' });
  await expect(runs.start({ agent, input: 'go', userId, chatId })).rejects.toMatchObject({
    code: 'chat_busy',
  });
  const other = runsOn(db);
  // Of another process: its first event comes by the database, and it is cancelled with its lease.
  await eventOf(await other.find(userId, last.runId), () => true);
  await other.cancel(userId, last.runId);
  await expect(last.result()).rejects.toMatchObject({ code: 'run_cancelled' });
}

/** What nobody asks for: sweeps and polls; and what the operator does. */
async function playRest(db: Database, target: Database, userId: string): Promise<void> {
  const live = await liveOn(db, { pollMs: 20 });
  const watcher = await Watcher.of(live, userId);
  const input = encodeItems([userSays('go')]);
  const lost = { runId: newId(), chatId: newId(), userId, agent: 'A', leaseMs: 0, input, title: undefined };
  await beginRun(db, lost);
  const runs = runsOn(db);
  await runs.recover();
  expect(await runs.get(userId, lost.runId)).toMatchObject({ status: 'interrupted' });
  await new DatabaseSession(newId(), db, { userId }).addItems([userSays('hi')]);
  await watcher.signal('chat_created');
  await Watcher.of(live, userId, watcher.cursor);
  await deleteOldRemovals(db, 0);
  await migrate(target);
  await copyChats(db, target);
}

/** What is of several users is done for one after the other where tables are distributed; the statements work everywhere. */
async function playDistributed(db: Database, userId: string): Promise<void> {
  const spread: Queryable = { query: (statement) => db.query(statement), isDistributed: true };
  await createChat(db, userId);
  expect(await mergeChatCounts(spread, 10)).toBeGreaterThan(0);
  const run = { runId: newId(), userId, agent: 'A', leaseMs: 60_000 };
  const { lease } = await beginRunWithoutChat(db, run);
  expect(await appendRunEvents(spread, [{ lease, first: 1, texts: ['{}'] }])).toEqual(new Set([run.runId]));
}
