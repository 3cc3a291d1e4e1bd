import { Agent } from '@openai/agents-core';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { EventText } from '../../src/store/runs/run-events.ts';
import { DATABASES } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { createGate } from '../support/gate.ts';
import { eventsOf, runsOn, Talk } from '../support/runs.ts';

const PIECES = 3_000;

test.each(DATABASES)(
  'a reader who lags behind what is kept in memory gets every event once, then goes on from memory ($name)',
  async ({ open }) => {
    const db = await open();
    const gate = createGate();
    const agent = new Agent({ name: 'A', model: floodModel(PIECES, 1_000, gate.opened) });
    const run = await new Talk(db, runsOn(db)).start(agent, 'go');
    const spy = vi.spyOn(db, 'query');
    onTestFinished(() => spy.mockRestore());
    const asked = () => spy.mock.calls.filter(([{ name }]) => name === 'get_run_events').length;

    const reader = run.eventTexts();
    const seen: EventText[] = [];
    const next = async () => {
      const { done, value } = await reader.next();
      if (!done) seen.push(value);
      return !done;
    };
    await next();
    const stored = async () => {
      const text = 'select max(last_event)::int as last from run_events where run_id = $1';
      return (await db.query({ text, values: [run.runId] })).rows[0]?.last;
    };
    await expect.poll(stored).toBe(PIECES);
    expect(asked()).toBe(0);
    while (seen.length < PIECES && (await next()));
    const before = asked();
    expect(before).toBeGreaterThan(0);

    gate.open();
    while (await next());
    expect(asked()).toBe(before);
    expect(seen.map(({ id }) => id)).toEqual(seen.map((_, index) => index + 1));
    expect(JSON.parse(seen.at(-1)?.text ?? '')).toMatchObject({ type: 'stream_complete' });
    expect(await eventsOf(run)).toEqual(seen);
  },
);
