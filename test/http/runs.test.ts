import { Agent } from '@openai/agents-core';
import { assistantMessage, functionCall, modelResponder, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { newId } from '../../src/ids.ts';
import { encodeItems } from '../../src/store/items/item-json.ts';
import { beginRun } from '../../src/store/runs/begin-run.ts';
import { countedAddTool } from '../support/agents.ts';
import { asUser } from '../support/app.ts';
import { DATABASES, newUser, SERVER } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { whileHeld } from '../support/lock.ts';
import { appOn, runsOn } from '../support/runs.ts';
import { readEvents } from '../support/sse.ts';

type Open = (typeof DATABASES)[0]['open'];

const INPUT = [{ role: 'user', content: 'go' }];

/** An app whose agent calls a tool, waits for the gate, then answers; and another app on the same database. */
async function stage(open: Open) {
  const db = await open();
  const gate = createGate();
  const lastWord = modelResponder(async () => {
    await gate.opened;
    return [assistantMessage('Done and done.')];
  });
  const script = () => [[functionCall('add', { to: 1 }, { callId: newId() })], lastWord];
  const model = new ScriptedModel([...script(), ...script(), ...script()]);
  const { add, ran } = countedAddTool();
  const agent = new Agent({ name: 'A', model, tools: [add] });
  const here = await appOn(runsOn(db), db, agent);
  const there = await appOn(runsOn(db), db, agent, here.userId);
  return { db, gate, ran, userId: here.userId, ask: here.ask, elsewhere: there.ask, app: here.app };
}

describe.each(DATABASES)('the events of a run ($name)', ({ open }) => {
  test('are the same bytes for who began it, who joins, another process, and afterwards from any point', async () => {
    const { gate, ask, elsewhere } = await stage(open);
    const key = { 'idempotency-key': newId() };
    const body = { input: 'go \u0000 \ud800', session_id: newId() };
    const starter = ask('POST', '/chat/stream', body, key);
    await expect
      .poll(async () => (await ask('GET', `/chats/${body.session_id}/runs`)).json().runs?.length)
      .toBe(1);
    const [{ run_id: id }] = (await ask('GET', `/chats/${body.session_id}/runs`)).json().runs;
    const readers = [
      ask('GET', `/runs/${id}/events`),
      elsewhere('GET', `/runs/${id}/events`),
      ask('POST', '/chat/stream', body, key),
    ];
    gate.open();
    const whole = (await starter).body;
    for (const reader of readers) expect((await reader).body).toBe(whole);
    expect((await elsewhere('GET', `/runs/${id}/events`)).body).toBe(whole);

    const events = readEvents(whole);
    expect(events.map((event) => event.id)).toEqual(events.map((_, index) => index + 1));
    const [comment, ...blocks] = whole.split(/(?<=\n\n)/);
    for (let last = 0; last <= events.length; last += 1) {
      const rest = await ask('GET', `/runs/${id}/events`, undefined, { 'last-event-id': String(last) });
      expect(rest.body).toBe([comment, ...blocks.slice(last)].join(''));
    }
    for (const wrong of ['x', String(events.length + 1)]) {
      const reply = await ask('GET', `/runs/${id}/events`, undefined, { 'last-event-id': wrong });
      expect([reply.statusCode, reply.json().errors?.[0].field]).toEqual([400, 'Last-Event-ID']);
    }
    const again = await ask('POST', '/chat/stream', body, { ...key, 'last-event-id': '2' });
    expect(again.body).toBe([comment, ...blocks.slice(2)].join(''));
  });
});

describe.each(DATABASES)('a request with an Idempotency-Key ($name)', ({ open }) => {
  test('begins one run, of two at once too, and gives its result to both and afterwards', async () => {
    const { gate, ran, ask, elsewhere } = await stage(open);
    gate.open();
    for (const sessionId of [undefined, newId(), null]) {
      ran.length = 0;
      const key = { 'idempotency-key': newId() };
      const body = { input: 'go', ...(sessionId === undefined ? {} : { session_id: sessionId }) };
      const both = await Promise.all([
        ask('POST', '/chat/run', body, key),
        elsewhere('POST', '/chat/run', body, key),
      ]);
      const later = await elsewhere('POST', '/chat/run', body, key);
      expect(both.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
      expect([both[1]?.json(), later.json()]).toEqual([both[0]?.json(), both[0]?.json()]);
      expect(later.json()).toMatchObject({ final_output: 'Done and done.', usage: { requests: 2 } });
      expect(ran).toEqual([1]);
    }
  });

  test('is refused with another body, and is another’s key for another user', async () => {
    const { gate, ask, app } = await stage(open);
    gate.open();
    const key = { 'idempotency-key': newId() };
    const first = await ask('POST', '/chat/run', { input: 'go' }, key);
    const other = await ask('POST', '/chat/run', { input: 'stop' }, key);
    expect([other.statusCode, other.json().code]).toEqual([422, 'key_reused']);
    const stranger = await asUser(app, newUser())('POST', '/chat/run', { input: 'go' }, key);
    expect(stranger.statusCode).toBe(200);
    expect(stranger.json().run_id).not.toBe(first.json().run_id);
  });

  test('that found the chat busy may come again', async () => {
    const { gate, ask } = await stage(open);
    const session = newId();
    const running = ask('POST', '/chat/run', { input: 'go', session_id: session });
    await expect.poll(async () => (await ask('GET', `/chats/${session}`)).statusCode).toBe(200);
    const body = { input: 'go on', session_id: session };
    const key = { 'idempotency-key': newId() };
    const busy = await ask('POST', '/chat/run', body, key);
    gate.open();
    const { run_id } = (await running).json();
    expect([busy.statusCode, busy.json()]).toMatchObject([409, { code: 'chat_busy', run_id }]);
    expect((await ask('POST', '/chat/run', body, key)).statusCode).toBe(200);
  });

  test('gets its result when the events of the run are not kept any more', async () => {
    const { db, gate, ask } = await stage(open);
    gate.open();
    const key = { 'idempotency-key': newId() };
    const first = await ask('POST', '/chat/run', { input: 'go' }, key);
    const forgetful = runsOn(db, { eventsMs: 0 });
    await forgetful.recover();
    const later = await ask('POST', '/chat/run', { input: 'go' }, key);
    expect(later.json()).toEqual(first.json());
    const events = `/runs/${first.json().run_id}/events`;
    for (const gone of [await ask('POST', '/chat/stream', { input: 'go' }, key), await ask('GET', events)]) {
      expect([gone.statusCode, gone.json().code]).toEqual([410, 'events_expired']);
    }
    const { last_event: last } = (await ask('GET', `/runs/${first.json().run_id}`)).json();
    const nothing = await ask('GET', events, undefined, { 'last-event-id': String(last) });
    expect([nothing.statusCode, readEvents(nothing.body)]).toEqual([200, []]);
  });

  test('is forgotten after a day', async () => {
    const { db, gate, ask, ran } = await stage(open);
    gate.open();
    const key = { 'idempotency-key': newId() };
    const first = await ask('POST', '/chat/run', { input: 'go' }, key);
    const age = (hours: number) =>
      db.query({
        text: 'update idempotency_keys set created_at = $1 where idempotency_key = $2',
        values: [new Date(Date.now() - hours * 3_600_000), key['idempotency-key']],
      });
    for (const hours of [23, 25]) {
      expect((await ask('POST', '/chat/run', { input: 'go' }, key)).json()).toEqual(first.json());
      await age(hours);
      await runsOn(db).recover();
    }
    const later = await ask('POST', '/chat/run', { input: 'go' }, key);
    expect(later.json().run_id).not.toBe(first.json().run_id);
    expect(ran).toHaveLength(2);
  });
});

describe.each(DATABASES)('the runs of a chat ($name)', ({ open }) => {
  test('keep its history from being replaced under them; its title may change', async () => {
    const { gate, ask } = await stage(open);
    const session = newId();
    const running = ask('POST', '/chat/run', { input: 'go', session_id: session });
    await expect.poll(async () => (await ask('GET', `/chats/${session}/runs`)).json().runs?.length).toBe(1);
    for (const conversation of [null, [{ role: 'user', content: 'x' }]]) {
      const refused = await ask('PUT', `/chats/${session}`, { conversation });
      expect([refused.statusCode, refused.json().code]).toEqual([409, 'chat_busy']);
    }
    expect((await ask('PUT', `/chats/${session}`, { title: 'New' })).statusCode).toBe(200);
    gate.open();
    await running;
    expect((await ask('PUT', `/chats/${session}`, { conversation: null })).statusCode).toBe(200);
  });

  test('are listed, newest first, with what they used together', async () => {
    const { gate, ask } = await stage(open);
    gate.open();
    const session = newId();
    const ids: string[] = [];
    for (const input of ['one', 'two']) {
      ids.push((await ask('POST', '/chat/run', { input, session_id: session })).json().run_id);
    }
    const reply = (await ask('GET', `/chats/${session}/runs`)).json();
    expect(reply.runs.map((run: { run_id: string }) => run.run_id)).toEqual(ids.toReversed());
    expect(reply.usage).toMatchObject({ requests: 4 });
    expect((await ask('GET', `/runs/${ids[0]}`)).json()).toMatchObject({
      run_id: ids[0],
      chat_id: session,
      agent: 'A',
      status: 'completed',
      final_output: 'Done and done.',
      error: null,
      pending: [],
    });
  });

  test('do not exist for strangers, on any route', async () => {
    const { gate, ask, app } = await stage(open);
    gate.open();
    const session = newId();
    const { run_id: id } = (await ask('POST', '/chat/run', { input: 'go', session_id: session })).json();
    const stranger = asUser(app, newUser());
    const decisions = { decisions: [{ call_id: 'a', approve: true }] };
    const asked = [
      ['GET', `/runs/${id}`],
      ['GET', `/runs/${id}/events`],
      ['POST', `/runs/${id}/cancel`],
      ['POST', `/runs/${id}/approvals`, decisions],
      ['GET', `/chats/${session}/runs`],
    ] as const;
    for (const [method, path, body] of asked) {
      const refused = await stranger(method, path, body);
      const missing = await stranger(method, path.replace(id, newId()).replace(session, newId()), body);
      expect([path, refused.statusCode]).toEqual([path, 404]);
      expect(refused.json().detail).toBe(missing.json().detail);
    }
  });
});

// Who waits for a lock is not seen from the coordinator of a cluster.
test.skipIf(SERVER.name === 'Citus')(
  'a history is not replaced under a run that begins at the same moment',
  async () => {
    const { db, ask, userId } = await stage(SERVER.open);
    const { chat_id: chatId } = (await ask('POST', '/chats', { conversation: INPUT })).json();
    const begun = { runId: newId(), userId, chatId, agent: 'A', leaseMs: 60_000, title: undefined };
    const refused = await whileHeld(
      db,
      (tx) => beginRun(tx, { ...begun, input: encodeItems(INPUT) }),
      () => ask('PUT', `/chats/${chatId}`, { conversation: null }),
    );
    expect([refused.statusCode, refused.json()]).toMatchObject([
      409,
      { code: 'chat_busy', run_id: begun.runId },
    ]);
    const { conversation } = (await ask('GET', `/chats/${chatId}`)).json();
    expect(conversation).toEqual([...INPUT, ...INPUT]);
  },
);
