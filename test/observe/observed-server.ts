import { expect, onTestFinished } from 'vitest';
import { newId } from '../../src/ids.ts';
import { TestSocket } from '../support/live-socket.ts';
import { agentsFolder, type CliServer, startCliServer } from '../support/server.ts';
import type { Reply } from '../support/strict/reply.ts';
import { startStrictOpenAi } from '../support/strict/strict-openai.ts';
import { type Metric, readScrape, sumOf } from './exposition.ts';

const AGENTS = `
  import { Agent, tool } from '@openai/agents-core';
  import { z } from 'zod';
  const parameters = z.object({ at: z.string() });
  const description = 'Of a keep';
  export default ({ db }) => new Agent({
    name: 'Keeper',
    tools: [
      tool({ name: 'look', description, parameters, execute: async () => {
        await db.query({ text: 'select 1' });
        return 'a gate';
      } }),
      tool({ name: 'fall', description, parameters, errorFunction: null, execute: async () => { throw new Error('down'); } }),
      tool({ name: 'burn', description, parameters, needsApproval: true, execute: async () => 'ashes' }),
    ],
  });`;

/** What the model does is what the user says first; then it says so. */
function answer(input: readonly { readonly type?: string }[]): Reply {
  const text = JSON.stringify(input.at(-1));
  if (input.at(-1)?.type === 'function_call_output') return { text: 'It is done.' };
  const call = /(look|fall|burn) now/.exec(text)?.[1];
  if (call !== undefined) return { calls: [{ name: call, args: { at: 'the gate' } }] };
  if (text.includes('fail now')) return { error: { status: 401 } };
  if (text.includes('slow now')) return { text: 'One by one they come', pace: 400 };
  return { text: 'Well met!' };
}

/** A server in a process of its own whose metrics are on a port of their own. */
export interface ObservedServer extends CliServer {
  readonly metricsUrl: string;
  scrape(): Promise<ReadonlyMap<string, Metric>>;
}

export async function startObservedServer(env: Readonly<Record<string, string>>): Promise<ObservedServer> {
  const openai = await startStrictOpenAi(answer);
  onTestFinished(() => openai.close());
  const cwd = agentsFolder({ 'agents.mjs': AGENTS });
  const server = await startCliServer(
    {
      QUESTLOG_METRICS_PORT: '0',
      OPENAI_BASE_URL: openai.baseUrl,
      OPENAI_API_KEY: 'sk-test',
      OPENAI_API: 'responses',
      OPENAI_MODEL: 'strict-1',
      QUESTLOG_TITLE_MODEL: 'strict-small',
      ...env,
    },
    { cwd, args: ['serve', './agents.mjs'] },
  );
  const metricsUrl =
    /http\S+/.exec(server.program.lines().find((line) => /^ {2}metrics/.test(line)) ?? '')?.[0] ?? '';
  const scrape = async () => readScrape(await (await fetch(metricsUrl)).text());
  return { ...server, metricsUrl, scrape };
}

/** Has the server do each thing that there is a metric of, but what needs another process. */
export async function doEachThing(server: ObservedServer): Promise<void> {
  const say = (input: string, session_id?: string) =>
    server.ask('POST', '/chat/run', { input, ...(session_id === undefined ? {} : { session_id }) });
  const socket = new TestSocket(server.url);
  await socket.message('ready');
  await say('look now');
  expect((await say('fall now')).status).toBe(500);
  expect((await say('fail now')).status).toBeGreaterThan(499);
  const chatId = newId();
  const paused = (await (await say('burn now', chatId)).json()) as { readonly run_id: string };
  await server.ask('POST', `/runs/${paused.run_id}/cancel`);
  await (await server.ask('POST', '/chat/stream', { input: 'slow now' })).text();
  await server.ask('GET', '/chats');
  await server.ask('GET', `/chats/${chatId}`);
  await server.ask('GET', '/chats/not-there');
  await server.ask('GET', '/wp-admin/setup.php');
  const isDone = async () => {
    const metrics = await server.scrape();
    const tasks = ['sweep', 'expire', 'purge', 'events', 'leases', 'poll', 'index'];
    return (
      tasks.every((task) => sumOf(metrics, 'questlog_task_seconds_count', { task }) > 0) &&
      sumOf(metrics, 'questlog_follow_ups_total', { name: 'title' }) > 0 &&
      sumOf(metrics, 'questlog_http_requests_in_flight') === 0
    );
  };
  await expect.poll(isDone, { timeout: 30_000 }).toBe(true);
}
