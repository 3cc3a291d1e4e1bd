import { tracingChannel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Agent } from '@openai/agents-core';
import Fastify from 'fastify';
import * as client from 'prom-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openPostgres } from '../../src/driver/postgres/postgres-driver.ts';
import { DatabaseSession } from '../../src/index.ts';
import { collectMetrics, traceSpans } from '../../src/observe/index.ts';
import { byHeader } from '../support/app.ts';
import { DATABASES, newUser, SERVER } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { appOn, runsOn, strictModel } from '../support/runs.ts';
import { readScrape, sumOf } from './exposition.ts';

/** The metrics of the worker from here on, which the application keeps with its own. */
function collect() {
  const registry = new client.Registry();
  new client.Counter({ name: 'shop_orders_total', help: 'Orders', registers: [registry] });
  const stop = collectMetrics({ client, registry });
  onTestFinished(stop);
  return { registry, stop, scrape: async () => readScrape(await registry.metrics()) };
}

describe.each(DATABASES)('metrics of the library, in the registry of an application ($name)', ({ open }) => {
  test('count what its sessions, runs and routers do, beside its own', async () => {
    const db = await open();
    const { scrape } = collect();
    const userId = newUser();
    const { model } = await strictModel(() => ({ text: 'Hi.' }));
    const { ask } = await appOn(runsOn(db), db, new Agent({ name: 'A', model }), userId);
    expect((await ask('POST', '/chat/run', { input: 'Hello' })).statusCode).toBe(200);
    const session = new DatabaseSession(`notes of ${userId}`, db, { userId });
    await Promise.all(Array.from({ length: 30 }, () => session.addItems([{ role: 'user', content: 'Hi' }])));
    await expect.poll(async () => sumOf(await scrape(), 'questlog_http_requests_in_flight')).toBe(0);
    const metrics = await scrape();
    expect(metrics.has('shop_orders_total')).toBe(true);
    expect(sumOf(metrics, 'questlog_http_requests_total', { route: '/chat/run', status: '200' })).toBe(1);
    expect(sumOf(metrics, 'questlog_runs_total', { agent: 'A', status: 'completed' })).toBe(1);
    expect(sumOf(metrics, 'questlog_append_batch_appends_sum')).toBeGreaterThan(20);
    expect(
      sumOf(metrics, 'questlog_statement_seconds_count', { statement: 'wait_for_batch' }),
    ).toBeGreaterThan(20);
    expect(sumOf(metrics, 'questlog_statements_in_flight')).toBe(0);
  });

  test('count a failure of the database once, also where it fails a transaction', async () => {
    const db = await open();
    const { scrape } = collect();
    const failing = db.transaction((tx) => tx.query({ text: 'select * from nowhere' }));
    await expect(failing).rejects.toThrow();
    expect(sumOf(await scrape(), 'questlog_database_errors_total', { code: 'database_failed' })).toBe(1);
    const refused = db.transaction(async () => {
      throw new Error('of the application');
    });
    await expect(refused).rejects.toThrow();
    expect(sumOf(await scrape(), 'questlog_database_errors_total')).toBe(1);
  });

  test('stay few, whatever names there are, and however many', async () => {
    const db = await open();
    const { scrape } = collect();
    const names = [...Array.from({ length: 300 }, (_, index) => `s_${index}`), 'Ada said: "hi"\n', 'ä'];
    for (const name of names) await db.query({ text: 'select 1', name });
    const metrics = await scrape();
    const made = new Set(
      metrics.get('questlog_statement_seconds')?.samples.map(({ labels }) => labels.statement),
    );
    expect(made.size).toBe(101);
    expect(sumOf(metrics, 'questlog_statement_seconds_count', { statement: 'other' })).toBe(202);
    expect(await db.query({ text: 'select 1' })).toBeDefined();
  });

  test('that cannot be counted are a warning, and nobody else’s failure', async () => {
    const { scrape } = collect();
    const calls = tracingChannel<object, object>('questlog:model-call');
    const warned = once(process, 'warning');
    const call = { model: 'm', tokens: { inputTokens: -1, outputTokens: -1 } };
    calls.start.publish(call);
    calls.asyncEnd.publish(call);
    expect(await warned).toMatchObject([{ message: 'what happened could not be counted' }]);
    expect(sumOf(await scrape(), 'questlog_model_call_seconds_count', { model: 'm' })).toBe(1);
  });

  test('are not counted before they are asked for, nor after', async () => {
    const db = await open();
    const gate = createGate();
    const before = db.transaction(() => gate.opened);
    const { scrape, stop } = collect();
    gate.open();
    await before;
    const count = async () => sumOf(await scrape(), 'questlog_statement_seconds_count');
    expect([await count(), sumOf(await scrape(), 'questlog_statements_in_flight')]).toEqual([0, 0]);
    await db.query({ text: 'select 1' });
    expect(await count()).toBe(1);
    stop();
    await db.query({ text: 'select 1' });
    expect(await count()).toBe(1);
  });
});

test('connections that are in use, and what waits for one, are told while it is so', async () => {
  const shared = await SERVER.open();
  if (shared.kind !== 'postgres') return;
  const { createPostgresDatabase } = await import('../support/databases.ts');
  const db = await openPostgres(await createPostgresDatabase(), { poolSize: 2 });
  onTestFinished(() => db.close());
  const { scrape } = collect();
  const gate = createGate();
  const transactions = [1, 2, 3, 4, 5].map(() => db.transaction(() => gate.opened));
  const of = async (state: string) => sumOf(await scrape(), 'questlog_connections', { state });
  await expect.poll(async () => [await of('in_use'), await of('waiting')]).toEqual([2, 3]);
  expect(sumOf(await scrape(), 'questlog_connections_max')).toBe(2);
  gate.open();
  await Promise.all(transactions);
  expect([await of('in_use'), await of('waiting')]).toEqual([0, 0]);
});

test('what is no prom-client and no OpenTelemetry is refused by name', () => {
  const registry = new client.Registry();
  // @ts-expect-error A registry is needed.
  expect(() => collectMetrics({ client })).toThrow('registry must be a registry of prom-client');
  // @ts-expect-error The module is needed.
  expect(() => collectMetrics({ client: {}, registry })).toThrow("client must be the module 'prom-client'");
  // @ts-expect-error The module is needed.
  expect(() => traceSpans({ api: {} })).toThrow("api must be the module '@opentelemetry/api'");
});

test('an app with several routers counts each request once', async () => {
  const db = await SERVER.open();
  const { scrape } = collect();
  const app = Fastify();
  const { chatStorageRouter, runsRouter } = await import('../../src/http/index.ts');
  await app.register(chatStorageRouter, { prefix: '/api/chats', db, authenticate: byHeader });
  await app.register(runsRouter, { prefix: '/api/runs', runs: runsOn(db), authenticate: byHeader });
  app.get('/own', async () => 'own');
  onTestFinished(() => app.close());
  const headers = { 'x-test-user': newUser() };
  await app.inject({ method: 'GET', url: '/api/chats/one', headers });
  await app.inject({ method: 'GET', url: '/api/chats/two' });
  await app.inject({ method: 'GET', url: '/own' });
  const metrics = await scrape();
  expect(sumOf(metrics, 'questlog_http_requests_total')).toBe(2);
  expect(
    sumOf(metrics, 'questlog_http_requests_total', { route: '/api/chats/:chat_id', status: '401' }),
  ).toBe(1);
  expect(sumOf(metrics, 'questlog_http_problems_total', { code: 'chat_not_found' })).toBe(1);
});
