/**
 * A server in a process of its own, for tests that kill, pause and restart it: `<database> <model's URL> <file>`, and
 * `LEASE_MS`, `SHUTDOWN_MS` in its environment. Its agent has the tool `record`, whose executions are lines in the file.
 * SIGUSR2 ends its wait for runs before `SHUTDOWN_MS` are over.
 */
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { TimerOptions } from 'node:timers';
import timers, { setTimeout as sleep } from 'node:timers/promises';
import { Agent, tool } from '@openai/agents-core';
import Fastify from 'fastify';
import { z } from 'zod';
import { openDatabase } from '../../src/database/open.ts';
import type { Authenticate } from '../../src/http/auth/authenticate.ts';
import { createAgentRouter } from '../../src/http/routes/chat.ts';
import { chatStorageRouter } from '../../src/http/routes/chats/chats.ts';
import { runsRouter } from '../../src/http/routes/runs.ts';
import { createModel } from '../../src/models/model.ts';
import { Runs } from '../../src/run/runs.ts';
import { sessionRouter } from './session-router.ts';

const [url = '', baseUrl = '', file = ''] = process.argv.slice(2);
const { LEASE_MS = '10000', SHUTDOWN_MS = '0' } = process.env;

const { setTimeout: wait } = timers;
const timeIsUp = new Promise<void>((resolve) => process.once('SIGUSR2', resolve));
timers.setTimeout = async <Value>(ms?: number, value?: Value, options?: TimerOptions): Promise<Value> => {
  const timer = wait(ms, value, options);
  if (ms === Number(SHUTDOWN_MS)) await Promise.race([timer, timeIsUp]);
  else await timer;
  return value as Value;
};
syncBuiltinESMExports();

const record = tool({
  name: 'record',
  description: 'Records a line, then takes a moment',
  parameters: z.object({ line: z.string(), ms: z.number() }),
  execute: async ({ line, ms }) => {
    appendFileSync(file, `${line}\n`);
    await sleep(ms);
    return `recorded ${line}`;
  },
});
const guarded = tool({
  name: 'guarded',
  description: 'Records a line when somebody approves',
  parameters: z.object({ line: z.string() }),
  needsApproval: true,
  execute: async ({ line }) => {
    appendFileSync(file, `${line}\n`);
    return `approved ${line}`;
  },
});

/** As in app.ts, which only a test can import. */
const byHeader: Authenticate = ({ headers }) => ({ userId: String(headers['x-test-user']) });

const db = await openDatabase(url);
const runs = new Runs({ db, leaseMs: Number(LEASE_MS) });
const { model } = await createModel({ baseUrl, api: 'responses', model: 'strict' });
const agent = new Agent({ name: 'Recorder', model, tools: [record, guarded] });
const app = Fastify({ forceCloseConnections: true, pluginTimeout: 0 });
const common = { db, authenticate: byHeader };
await app.register(chatStorageRouter, { prefix: '/chats', ...common });
await app.register(sessionRouter, { prefix: '/sessions', ...common });
await app.register(runsRouter, { prefix: '/runs', runs, ...common });
await app.register(createAgentRouter({ agent, runs, ...common }));
app.addHook('onReady', () => runs.recover());
app.addHook('preClose', () => runs.close(Number(SHUTDOWN_MS)));
process.stdout.write(`listens on ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
// Not `once`: see src/server/cli.ts.
process.on('SIGTERM', async () => {
  await app.close();
  await db.close();
  process.exit(0);
});
