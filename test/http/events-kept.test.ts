import { Agent } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import { expect, test } from 'vitest';
import { countedAddTool } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { appOn, runsOn } from '../support/runs.ts';
import { readEvents } from '../support/sse.ts';

const HOUR_MS = 3_600_000;

test.each(DATABASES)(
  'events are kept as long as they are to be; then the stream of their run says so, and the run stays ($name)',
  async ({ open }) => {
    const db = await open();
    const { add } = countedAddTool();
    const answers = [[functionCall('add', { to: 1 }, { callId: 'a' })], [assistantMessage('Done.')]];
    const agent = new Agent({ name: 'A', model: new ScriptedModel(answers), tools: [add] });
    const runs = runsOn(db, { eventsMs: 3 * HOUR_MS });
    const { ask } = await appOn(runs, db, agent);
    const begun = await ask('POST', '/chat/stream', { input: 'go' });
    const id = String(begun.headers['x-run-id']);
    const run = await ask('GET', `/runs/${id}`);
    const last = readEvents(begun.body).length;
    const age = async (hours: number) => {
      const text = 'update runs set ended_at = $1 where run_id = $2';
      await db.query({ text, values: [new Date(Date.now() - hours * HOUR_MS), id] });
      await runs.recover();
    };
    const follow = (after: number) =>
      ask('GET', `/runs/${id}/events`, undefined, { 'last-event-id': String(after) });

    await age(2);
    expect((await follow(0)).body).toBe(begun.body);
    await age(4);
    const { rows } = await db.query({ text: 'select 1 from run_events where run_id = $1', values: [id] });
    expect(rows).toEqual([]);
    for (const after of [0, 1, last - 1]) {
      const gone = await follow(after);
      expect([gone.statusCode, gone.json()]).toMatchObject([410, { code: 'events_expired', run_id: id }]);
    }
    const nothing = await follow(last);
    expect([nothing.statusCode, readEvents(nothing.body)]).toEqual([200, []]);
    const still = (await ask('GET', `/runs/${id}`)).json();
    expect(still).toEqual({ ...run.json(), ended_at: still.ended_at });
  },
);
