import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, secretsOf } from '../../src/server/config.ts';
import { refusalOf } from '../support/config.ts';
import { agentsFolder, startCli, startCliServer } from '../support/server.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 120_000 };

const TOKEN = 'a-token-of-the-metrics';

function urlOf(lines: readonly string[]): string {
  return /http\S+\/metrics/.exec(lines.find((line) => /^ {2}metrics /.test(line)) ?? '')?.[0] ?? '';
}

const messageOf = (env: Record<string, string>) => refusalOf(env).message;

function get(url: string, authorization?: string, method = 'GET'): Promise<Response> {
  return fetch(url, { method, headers: authorization === undefined ? {} : { authorization } });
}

test('without a variable there are no metrics, and nothing is said of them', SLOW, async () => {
  const server = await startCliServer();
  expect((await get(`${server.url}/metrics`)).status).toBe(404);
  expect((await get(`${server.url}/metrics`, `Bearer ${TOKEN}`)).status).toBe(404);
  expect(server.program.output()).not.toMatch(/metrics|tracing/);
});

test('with a token alone they are beside everything else, for whoever has it', SLOW, async () => {
  const server = await startCliServer({ QUESTLOG_METRICS_TOKEN: TOKEN, QUESTLOG_RATE_LIMIT: '8' });
  const url = urlOf(server.program.lines());
  expect(url).toBe(`${server.url}/metrics`);
  const reply = await get(url, `bearer  ${TOKEN} `);
  expect([reply.status, reply.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  expect(await reply.text()).toContain('questlog_runs_running 0');
  const wrong = [undefined, '', TOKEN, `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`];
  for (const authorization of wrong) {
    const refused = await get(url, authorization);
    expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'unauthenticated' }]);
  }
  expect(await (await server.ask('GET', '/docs/json')).text()).not.toContain('/metrics');
  // Nobody tries out many.
  for (let tries = 0; tries < 3; tries += 1) await get(url, 'Bearer wrong');
  expect((await get(url, 'Bearer wrong')).status).toBe(429);
  expect((await get(url, `Bearer ${TOKEN}`)).status).toBe(200);
  expect(server.program.output()).not.toContain(TOKEN);
});

test(
  'with a port they are there and nowhere else, on loopback; a token counts there, too',
  SLOW,
  async () => {
    const server = await startCliServer({ QUESTLOG_METRICS_PORT: '0', QUESTLOG_METRICS_TOKEN: TOKEN });
    const url = urlOf(server.program.lines());
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect((await get(`${server.url}/metrics`, `Bearer ${TOKEN}`)).status).toBe(404);
    expect((await get(url)).status).toBe(401);
    expect((await get(url, `Bearer ${TOKEN}`)).status).toBe(200);
    expect((await get(url, `Bearer ${TOKEN}`, 'POST')).status).toBe(405);
    expect((await get(new URL('/chats', url).href, `Bearer ${TOKEN}`)).status).toBe(404);
    const many = await Promise.all(
      Array.from({ length: 15 }, async () => (await get(url, `Bearer ${TOKEN}`)).text()),
    );
    expect(many.filter((text) => !text.includes('questlog_runs_running 0'))).toEqual([]);
  },
);

test('a port that is in use stops the start, before anything is opened, in a sentence', SLOW, async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const program = startCli({ QUESTLOG_METRICS_PORT: String(port) });
  expect((await program.exited).code).toBe(2);
  expect(program.output()).toContain(
    `port ${port} on 127.0.0.1 is in use: set QUESTLOG_METRICS_PORT to another one`,
  );
});

test('what is set by half or would be open by a slip is refused', () => {
  expect(messageOf({ QUESTLOG_METRICS_HOST: '0.0.0.0' })).toContain('QUESTLOG_METRICS_PORT is not');
  expect(messageOf({ QUESTLOG_METRICS_TOKEN: 'short' })).toContain('must have at least 16 characters');
  expect(messageOf({ QUESTLOG_METRICS_TOKEN: 'with a space in the middle' })).toContain('printable ASCII');
  expect(messageOf({ QUESTLOG_METRICS_PORT: '8000' })).toContain('QUESTLOG_METRICS_PORT must not be PORT');
  expect(messageOf({ QUESTLOG_METRICS_PORT: '70000' })).toContain('QUESTLOG_METRICS_PORT');
  const config = readConfig({ QUESTLOG_METRICS_TOKEN: TOKEN });
  expect(config.metrics).toEqual({ place: undefined, token: TOKEN });
  expect(secretsOf(config)).toContain(TOKEN);
  expect(readConfig({ QUESTLOG_METRICS_PORT: '9', QUESTLOG_METRICS_HOST: '[::1]' }).metrics).toEqual({
    place: { host: '::1', port: 9 },
    token: undefined,
  });
});

/** What an operator loads before the server: an OpenTelemetry that prints the names of spans. */
const OPEN_TELEMETRY = `
  import { context, trace } from '@opentelemetry/api';
  import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
  import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
  const print = (spans, done) => {
    for (const { name, parentSpanContext } of spans) console.log('span', name, parentSpanContext ? 'in another' : 'alone');
    done({ code: 0 });
  };
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = { export: print, shutdown: async () => {} };
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));`;

test('an OpenTelemetry that was set up before the server gets its spans', SLOW, async () => {
  const file = join(agentsFolder({ 'otel.mjs': OPEN_TELEMETRY }), 'otel.mjs');
  const server = await startCliServer({ NODE_OPTIONS: `--import ${file}` });
  expect(server.program.lines()).toContain('  tracing         OpenTelemetry');
  await server.ask('POST', '/chat/run', { input: 'roll 2d6' });
  await server.program.line(/^span POST \/chat\/run alone$/);
  const spans = server.program.lines().filter((line) => line.startsWith('span '));
  expect(spans).toEqual(
    expect.arrayContaining([
      'span execute_tool roll_dice in another',
      'span chat offline in another',
      'span invoke_agent Dungeon Master in another',
    ]),
  );
  expect(spans.filter((line) => line.endsWith(' alone'))).toEqual(['span POST /chat/run alone']);
});
