import { expect, onTestFinished, test } from 'vitest';
import { readScrape, sumOf } from '../observe/exposition.ts';
import { refusalOf } from '../support/config.ts';
import { createPostgresDatabase } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { readUntil } from '../support/live.ts';
import { TestSocket } from '../support/live-socket.ts';
import { agentsFolder, type CliServer, startCli, startCliServer } from '../support/server.ts';
import { readEvents } from '../support/sse.ts';
import { startStrictOpenAi } from '../support/strict/strict-openai.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 120_000 };

interface LogLine {
  readonly msg: string;
  readonly worker?: number;
  readonly pid?: number;
}

function logOf({ program }: Pick<CliServer, 'program'>): LogLine[] {
  const lines = program.output().split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

/** The processes that have served, in the order in which they began. */
function workersOf(server: Pick<CliServer, 'program'>): number[] {
  return logOf(server)
    .filter(({ msg }) => msg === 'a worker serves')
    .map(({ pid = 0 }) => pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A stream of a run, read until its model has begun to speak. */
async function beginRun(server: CliServer) {
  const reply = await server.ask('POST', '/chat/stream', { input: 'go' });
  const reader = reply.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const beginning = await readUntil(reader, /"delta":"one "/);
  return { runId: String(reply.headers.get('x-run-id')), reader, beginning };
}

test(
  'workers share a port; one that is killed takes with it its own runs alone, which another ends, and is replaced',
  SLOW,
  async () => {
    const gate = createGate();
    const openai = await startStrictOpenAi(() => ({ text: 'one two', hangAfter: 1, until: gate.opened }));
    onTestFinished(() => openai.close());
    const server = await startCliServer(
      {
        DATABASE_URL: await createPostgresDatabase(),
        QUESTLOG_METRICS_PORT: '0',
        OPENAI_BASE_URL: openai.baseUrl,
        OPENAI_API_KEY: 'sk-test',
        OPENAI_API: 'responses',
      },
      { args: ['serve', '--workers', '2'] },
    );
    const lines = server.program.lines();
    expect(lines).toContain('  workers         2');
    const metricsUrl = /http\S+\/metrics/.exec(lines.find((line) => line.startsWith('  metrics')) ?? '')?.[0];
    const scrape = async () => readScrape(await (await fetch(String(metricsUrl))).text());
    await expect.poll(() => workersOf(server)).toHaveLength(2);

    // Connections go to one worker and the other in turns.
    const socket = new TestSocket(server.url);
    await socket.message('ready');
    const runs = [await beginRun(server), await beginRun(server)];
    await socket.message('run_started', ({ run_id }) => run_id === runs[0]?.runId);
    await socket.message('run_started', ({ run_id }) => run_id === runs[1]?.runId);
    const before = await scrape();
    expect(sumOf(before, 'questlog_runs_running')).toBe(2);

    const [killed = 0, other = 0] = workersOf(server);
    process.kill(killed, 'SIGKILL');
    await expect.poll(() => workersOf(server)).toHaveLength(3);
    expect(isAlive(other)).toBe(true);
    const after = await scrape();
    expect(sumOf(after, 'questlog_runs_running')).toBe(1);
    const requests = 'questlog_http_requests_total';
    expect(sumOf(after, requests)).toBeGreaterThanOrEqual(sumOf(before, requests));

    gate.open();
    const rest = await Promise.all(
      runs.map(({ reader }) => readUntil(reader, /event: stream_complete/).catch(() => null)),
    );
    expect(rest.filter((text) => text === null)).toHaveLength(1);
    const ends = await Promise.all(
      runs.map(async ({ runId }) => {
        const reply = await server.ask('GET', `/runs/${runId}/events`);
        return readEvents(await reply.text()).at(-1)?.data;
      }),
    );
    expect(ends.filter((end) => end?.final_output === 'one two')).toHaveLength(1);
    expect(ends.filter((end) => end?.code === 'run_interrupted')).toHaveLength(1);

    const pids = workersOf(server);
    expect(await server.program.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  },
);

/** Serves in the first two processes, and in none after them. */
const SERVES_TWICE = `
  import cluster from 'node:cluster';
  import { Agent } from '@openai/agents-core';
  if (cluster.worker.id > 2) throw new Error('not again');
  export default new Agent({ name: 'Keeper' });`;

test(
  'when none is left and none can be started, all ends with its reason, and nobody serves on',
  SLOW,
  async () => {
    const cwd = agentsFolder({ 'agents.mjs': SERVES_TWICE });
    const DATABASE_URL = await createPostgresDatabase();
    const start = (count: string) =>
      startCli({ DATABASE_URL, QUESTLOG_WORKERS: count }, { cwd, args: ['serve', './agents.mjs'] });
    const three = start('3');
    expect(await three.exited).toEqual({ code: 1, signal: null });
    expect(three.output()).toContain('not again');
    await expect.poll(() => workersOf({ program: three }).filter(isAlive)).toEqual([]);

    const two = start('2');
    await two.line(/^ {2}model /);
    await expect.poll(() => workersOf({ program: two })).toHaveLength(2);
    for (const pid of workersOf({ program: two })) process.kill(pid, 'SIGKILL');
    expect(await two.exited).toEqual({ code: 1, signal: null });
    expect(two.output()).toMatch(/not again/);
    expect(two.output()).toMatch(/^questlog: worker \d ended before it served$/m);
  },
);

test('workers end with their primary, however that ends', SLOW, async () => {
  const DATABASE_URL = await createPostgresDatabase();
  const server = await startCliServer({ DATABASE_URL, QUESTLOG_WORKERS: '2' });
  await expect.poll(() => workersOf(server)).toHaveLength(2);
  const pids = workersOf(server);
  expect(pids.map(isAlive)).toEqual([true, true]);
  await server.program.kill('SIGKILL');
  await expect.poll(() => pids.filter(isAlive)).toEqual([]);
});

test('workers are for PostgreSQL, and as many as a number says', () => {
  const DATABASE_URL = 'postgres://127.0.0.1/x';
  for (const wrong of ['0', '-1', '1.5', '257', 'all']) {
    expect(refusalOf({ DATABASE_URL, QUESTLOG_WORKERS: wrong })).toEqual({
      fields: ['QUESTLOG_WORKERS'],
      message: 'QUESTLOG_WORKERS must be auto, or a whole number from 1 to 256',
    });
  }
  expect(refusalOf({ QUESTLOG_WORKERS: '2' }).message).toBe(
    'QUESTLOG_WORKERS is 2, but an embedded database has one process: set DATABASE_URL',
  );
  for (const right of ['1', 'auto']) expect(refusalOf({ QUESTLOG_WORKERS: right }).fields).toEqual([]);
  expect(refusalOf({ DATABASE_URL, QUESTLOG_WORKERS: 'auto' }).fields).toEqual([]);
});
