import { Agent, type AgentInputItem, user } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { appendOrCreate } from '../../src/database/append-batcher.ts';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { migrate } from '../../src/driver/migrate.ts';
import type { RunsOptions } from '../../src/run/runs-options.ts';
import type { Run } from '../../src/run/types.ts';
import { encodeItems } from '../../src/store/items/item-json.ts';
import { getItems } from '../../src/store/items/read-items.ts';
import { getRun } from '../../src/store/runs/runs.ts';
import { countedAddTool, kindOf, textOf } from '../support/agents.ts';
import { closedAfterTest, createPostgresDatabase, newPGliteFolder } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { type Place, type PostgresProxy, startPostgresProxy } from '../support/postgres-proxy.ts';
import { eventsOf, runsOn, strictModel, Talk } from '../support/runs.ts';
import type { Script } from '../support/strict/reply.ts';

let postgres = '';
beforeAll(async () => {
  postgres = await createPostgresDatabase();
  const db = await openDatabase(postgres);
  await migrate(db);
  await db.close();
});

/** A run that reads its history, calls a tool and answers at length, on a way to PostgreSQL that a test breaks. */
async function stage(options: Omit<RunsOptions, 'db'> = {}) {
  const proxy = await startPostgresProxy(postgres);
  const open = async (place: string) =>
    closedAfterTest(await openDatabase(place, { onIdleError: () => undefined }));
  const [db, whole] = await Promise.all([open(proxy.url), open(postgres)]);
  const { api, model } = await strictModel(callsThenAnswers);
  const { add, ran } = countedAddTool();
  const talk = new Talk(db, runsOn(db, options));
  await appendOrCreate(whole, talk.chatId, { userId: talk.userId, items: encodeItems([user('earlier')]) });
  return { proxy, db, whole, api, ran, talk, agent: new Agent({ name: 'A', model, tools: [add] }) };
}

const LONG = 'word '.repeat(60).trim();
const callsThenAnswers: Script = (input) =>
  input.at(-1)?.type === 'function_call_output'
    ? { text: LONG, pace: 3 }
    : { calls: [{ name: 'add', args: { to: 1 } }] };
const KINDS = ['user', 'user', 'call add', 'result add', 'assistant'];
/** What a run asks the database once it has begun. */
const ASKED = ['get_items', 'append_run_items', 'append_run_events', 'end_run'];
const PLACES: readonly Place[] = ['before', 'in', 'after'];

/** Breaks the first statement of this name. */
function breakOnce(proxy: PostgresProxy, statement: string, place: Place): { readonly count: () => number } {
  let breaks = 0;
  proxy.breakAt = (asked) => {
    if (asked !== statement || breaks > 0) return undefined;
    breaks += 1;
    return place;
  };
  return { count: () => breaks };
}

describe('a connection that breaks', () => {
  const cases = ASKED.flatMap((statement) => PLACES.map((place) => [place, statement] as const));

  test.each(cases)('%s %s ends no run, and nothing is lost or doubled', async (place, statement) => {
    const { proxy, talk, agent, ...rest } = await stage();
    const run = await talk.start(agent, 'go');
    const breaks = breakOnce(proxy, statement, place);
    await expectWhole(run, talk, rest);
    expect(breaks.count()).toBe(1);
  });

  test.each(PLACES)('%s append_run_items leaves a run that fails later what it made, once', async (place) => {
    const { proxy, talk, agent, whole, api } = await stage();
    api.script = (input) => (input.length > 2 ? { error: { status: 500 } } : callsThenAnswers(input));
    const run = await talk.start(agent, 'go');
    const breaks = breakOnce(proxy, 'append_run_items', place);
    await expect(run.result()).rejects.toMatchObject({ code: 'model_unavailable' });
    expect(breaks.count()).toBe(1);
    const history = await getItems(whole, talk.chatId, talk.userId);
    expect(history.map(kindOf)).toEqual(KINDS.slice(0, -1));
  });

  test('anywhere, time and again, ends no run, and nothing is lost or doubled', async () => {
    const passes = fc.constant(undefined);
    const plan = fc.array(fc.oneof(passes, fc.constantFrom(...PLACES)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(plan, async (places) => {
        const { proxy, talk, agent, ...rest } = await stage({ leaseMs: LASTING_MS });
        const run = await talk.start(agent, 'go');
        const left = [...places];
        proxy.breakAt = () => left.shift();
        await expectWhole(run, talk, rest);
      }),
      { numRuns: 12 },
    );
  });
});

test('a database that stays away for longer than a lease ends a run, which keeps what was stored and leaves the chat free', async () => {
  const { proxy, talk, agent, whole, ran, api } = await stage({ leaseMs: 300 });
  const run = await talk.start(agent, 'go');
  const reader = eventsOf(run).catch((error: unknown) => error);
  // The call cannot be stored, so the tool does not run.
  proxy.breakAt = (asked) => (asked === 'get_items' ? undefined : 'before');
  const away = { code: 'database_unavailable' };
  await expect(run.result()).rejects.toMatchObject(away);
  expect(await reader).toMatchObject(away);
  expect(ran).toEqual([]);
  await expect(talk.start(agent, 'too early')).rejects.toMatchObject({ code: 'outcome_unknown' });

  proxy.breakAt = () => undefined;
  await expect.poll(async () => (await getRun(whole, talk.userId, run.runId))?.leaseExpired).toBe(true);
  expect(await talk.say(agent, 'again')).toMatchObject({ final_output: LONG });
  expect((await talk.history()).map(kindOf)).toEqual(['user', ...KINDS]);
  expect(
    JSON.parse((await eventsOf(await runsOn(whole).find(talk.userId, run.runId))).at(-1)?.text ?? ''),
  ).toMatchObject({
    type: 'error',
    code: 'run_interrupted',
  });
  expect(api.refusals).toEqual([]);
});

test('a database that is back before a failed run has given up its end learns of it, and the chat is free at once', async () => {
  const { proxy, talk, agent, whole, ran } = await stage({ leaseMs: 300 });
  const run = await talk.start(agent, 'go');
  const reader = eventsOf(run);
  // Away for what the run has to store first, and back for its end.
  proxy.breakAt = (asked) => (asked === 'append_run_items' ? 'before' : undefined);
  await expect(run.result()).rejects.toMatchObject({ code: 'database_unavailable' });
  expect(JSON.parse((await reader).at(-1)?.text ?? '')).toMatchObject({ code: 'database_unavailable' });
  expect(await getRun(whole, talk.userId, run.runId)).toMatchObject({ status: 'failed' });
  expect(ran).toEqual([]);
  proxy.breakAt = () => undefined;
  expect(await talk.say(agent, 'again')).toMatchObject({ final_output: LONG });
});

test('a decision whose commit was not answered leaves a run that ends with its lease, and the chat free', async () => {
  const { proxy, talk, whole, db } = await stage();
  const { add, ran } = countedAddTool();
  const runs = runsOn(db, { leaseMs: 1 });
  const model = new ScriptedModel([
    [functionCall('add', { to: 1 }, { callId: 'call' })],
    [assistantMessage('Fine.')],
  ]);
  const agent = new Agent({
    name: 'A',
    model,
    tools: [Object.assign(add, { needsApproval: async () => true })],
  });
  const careful = new Talk(db, runs, talk);
  const run = await careful.start(agent, 'go');
  expect(await run.result()).toMatchObject({ type: 'approval_required' });
  proxy.breakAt = (asked) => (asked === 'commit' ? 'after' : undefined);
  const decided = runs.decide(talk.userId, run.runId, [{ call_id: 'call', approve: true }]);
  await expect(decided).rejects.toMatchObject({ code: 'outcome_unknown' });
  proxy.breakAt = () => undefined;
  await expect.poll(async () => (await getRun(whole, talk.userId, run.runId))?.leaseExpired).toBe(true);
  expect(await careful.say(agent, 'again')).toMatchObject({ final_output: 'Fine.' });
  expect(await getRun(whole, talk.userId, run.runId)).toMatchObject({ status: 'interrupted' });
  expect(ran).toEqual([]);
});

test('a run whose lease ran out while the database was away is not taken over by its own process', async () => {
  const { proxy, talk, agent, whole, ...rest } = await stage({ leaseMs: LASTING_MS });
  const run = await talk.start(agent, 'go');
  proxy.breakAt = () => 'before';
  await query(whole, {
    text: 'update runs set lease_until = clock_timestamp() where user_id = $1 and run_id = $2',
    values: [talk.userId, run.runId],
  });
  await expect.poll(async () => (await getRun(whole, talk.userId, run.runId))?.leaseExpired).toBe(true);
  proxy.breakAt = (asked) => (asked === 'append_run_items' || asked === 'end_run' ? 'before' : undefined);
  await expect(talk.start(agent, 'too early')).rejects.toMatchObject({ code: 'chat_busy' });
  proxy.breakAt = () => undefined;
  await expectWhole(run, talk, { whole, ...rest });
});

/** A run waits for as long as a lease lasts: longer than any machine takes for a few connections. */
const LASTING_MS = 600_000;

async function expectWhole(
  run: Run,
  talk: Talk,
  { whole, api, ran }: Pick<Awaited<ReturnType<typeof stage>>, 'whole' | 'api' | 'ran'>,
): Promise<void> {
  expect(await run.result()).toMatchObject({ final_output: LONG });
  const history = await getItems(whole, talk.chatId, talk.userId);
  expect(history.map(kindOf)).toEqual(KINDS);
  expect(textOf(history.at(-1) as AgentInputItem)).toBe(LONG);
  expect(ran).toEqual([1]);
  const here = (await eventsOf(run)).map(({ text }) => text);
  const stored = await eventsOf(await runsOn(whole).find(talk.userId, run.runId));
  expect(stored.map(({ text }) => text)).toEqual(here);
  expect(api.refusals).toEqual([]);
}

test.each([
  ['PGlite', newPGliteFolder],
  ['PostgreSQL', createPostgresDatabase],
])('a run whose database the caller closes fails soon and says why (%s)', async (_name, create) => {
  const db = await openDatabase(await create());
  await migrate(db);
  const closed = createGate();
  const { model } = await strictModel(() => ({ text: 'one two three', hangAfter: 1, until: closed.opened }));
  // Soon: it does not wait as for a database that is away, for which this test has not the time.
  const runs = runsOn(db, { leaseMs: LASTING_MS });
  const run = await new Talk(db, runs).start(new Agent({ name: 'A', model }), 'go');
  const ended = run.result().catch((error: unknown) => error);
  await db.close();
  closed.open();
  expect(await ended).toMatchObject({ code: 'database_closed' });
});
