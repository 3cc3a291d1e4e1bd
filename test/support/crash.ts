import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentInputItem } from '@openai/agents-core';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { textOf } from './agents.ts';
import { type RunsProcess, startRunsProcess } from './runs-process.ts';
import type { Script } from './strict/reply.ts';
import type { ApiItem } from './strict/responses-faults.ts';
import { type StrictOpenAi, startStrictOpenAi } from './strict/strict-openai.ts';

export interface CrashOptions {
  /** A migrated PostgreSQL. */
  readonly url: string;
  /** A file to write into. */
  readonly file: string;
  readonly userId: string;
  readonly kills: number;
  /** Runs that are under way at each kill, each on a chat of its own. */
  readonly chats: number;
  /** A number from 0 to 1: when to kill. */
  readonly random: () => number;
}

/** What the kills did. `faults` is empty when every promise was kept. */
export interface CrashReport {
  readonly faults: string[];
  /** How many runs were found in each state. */
  readonly states: Record<string, number>;
  readonly executed: number;
  readonly closedCalls: number;
  readonly partialAnswers: number;
  /** Milliseconds from the death of a process until a run on its chat could begin. */
  readonly takeovers: number[];
}

interface Victim {
  readonly chatId: string;
  readonly message: string;
  /** The server said that it has the message. */
  acknowledged: boolean;
  runId: string | undefined;
}

const LEASE_MS = 2_000;
/** About as long as a whole run takes here. */
const RUN_MS = 450;

/** Kills a server at random moments of streamed runs with tools, and checks after each what became of the chats. */
export async function crash(options: CrashOptions): Promise<CrashReport> {
  const { url, file, userId } = options;
  writeFileSync(file, '', { flag: 'a' });
  const db = await openDatabase(url);
  const api = await startStrictOpenAi(script);
  const place = { url, file, userId, api, leaseMs: LEASE_MS };
  const report: CrashReport = {
    faults: [],
    states: {},
    executed: 0,
    closedCalls: 0,
    partialAnswers: 0,
    takeovers: [],
  };
  try {
    let server = await startRunsProcess(place);
    for (let kill = 0; kill < options.kills; kill += 1) {
      const victims = Array.from({ length: options.chats }, (_, chat) => newVictim(`${kill}-${chat}`));
      const next = startRunsProcess(place);
      await hurt(server, victims, options.random() * RUN_MS);
      const died = performance.now();
      server = await next;
      for (const victim of victims) {
        const checked = await check(server, { api, db, file }, victim);
        count(report, checked);
        // The others wait for the check of the first.
        if (victim === victims[0]) report.takeovers.push(performance.now() - died);
      }
    }
    await server.program.kill();
  } finally {
    await api.close();
    await db.close();
  }
  return report;
}

/** Reasons, speaks, records twice at once, records once more, then answers at length. */
const script: Script = (input) => {
  const message = lastMessage(input);
  if (message.startsWith('next')) return { text: 'Fine.' };
  const results = input.slice(input.findLastIndex(({ role }) => role === 'user')).filter(isOutput).length;
  const call = (place: number) => ({ name: 'record', args: { line: `${message}/${place}`, ms: 15 * place } });
  if (results === 0) return { reasoning: 'hm', text: 'Let me see.', calls: [call(0), call(1)], pace: 5 };
  if (results === 2) return { calls: [call(2)], pace: 5 };
  return { reasoning: 'so', text: `It is done for ${message}, ${'word '.repeat(25)}`, pace: 5 };
};

const isOutput = ({ type }: ApiItem) => type === 'function_call_output';

function lastMessage(input: readonly ApiItem[]): string {
  const { content } = input.findLast(({ role }) => role === 'user') ?? {};
  return typeof content === 'string'
    ? content
    : JSON.stringify(content).replace(/.*"text":"([^"]*)".*/, '$1');
}

function newVictim(name: string): Victim {
  return {
    chatId: `crash-${process.pid}-${name}`,
    message: `m${name}`,
    acknowledged: false,
    runId: undefined,
  };
}

/** Begins a streamed run on each chat and kills the server so many milliseconds after the first was acknowledged. */
async function hurt(server: RunsProcess, victims: readonly Victim[], ms: number): Promise<void> {
  const streams = victims.map(async (victim) => {
    const body = { input: victim.message, session_id: victim.chatId };
    const reply = await server.ask('POST', '/chat/stream', body);
    victim.acknowledged = reply.status === 200;
    victim.runId = reply.headers.get('x-run-id') ?? undefined;
    return reply;
  });
  const read = streams.map(async (stream) => (await stream).text());
  const ended = Promise.allSettled([...streams, ...read]);
  await Promise.race(streams);
  await sleep(ms);
  await server.program.kill('SIGKILL');
  await ended;
}

interface Checked {
  readonly faults: string[];
  readonly state: string;
  readonly executed: number;
  readonly closedCalls: number;
  readonly partialAnswers: number;
}

async function check(
  server: RunsProcess,
  { api, db, file }: { readonly api: StrictOpenAi; readonly db: Database; readonly file: string },
  victim: Victim,
): Promise<Checked> {
  const { chatId, message, acknowledged, runId } = victim;
  const faults: string[] = [];
  await runNext(server, db, victim, faults);
  faults.push(...api.refusals.splice(0).map((refusal) => `the model refused: ${refusal}`));
  const reply = await server.ask('GET', `/chats/${chatId}`);
  const history = ((await reply.json()) as { conversation: AgentInputItem[] }).conversation;
  const said = history.filter((item) => 'role' in item && item.role === 'user').map(textOf);
  const times = said.filter((text) => text === message).length;
  if (times > 1 || (acknowledged && times === 0)) faults.push(`the message is there ${times} times`);
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${message}/`));
  faults.push(...toolFaults(history, lines), ...textFaults(history));
  const state =
    runId === undefined ? 'not begun' : String((await json(server, `/runs/${runId}`)).status ?? 'unknown');
  if (state === 'running') faults.push('the run is still running');
  return {
    faults: faults.map((fault) => `${chatId}: ${fault}\n${JSON.stringify(history)}`),
    state,
    executed: lines.length,
    closedCalls: history.filter((item) => JSON.stringify(item).includes('Interrupted:')).length,
    partialAnswers: history.filter((item) => 'status' in item && item.status === 'incomplete').length,
  };
}

async function json(server: RunsProcess, path: string): Promise<Record<string, unknown>> {
  return (await (await server.ask('GET', path)).json()) as Record<string, unknown>;
}

/** The next run, as soon as the chat is free: which it is as soon as the dead process's lease is over. */
async function runNext(
  server: RunsProcess,
  db: Database,
  { chatId }: Victim,
  faults: string[],
): Promise<void> {
  for (;;) {
    const left = await leftOfLease(db, chatId);
    if (left > LEASE_MS) faults.push(`the lease lasts ${left} ms`);
    const reply = await server.ask('POST', '/chat/run', { input: 'next', session_id: chatId });
    const answer = (await reply.json()) as { code?: string; final_output?: string };
    if (answer.code === 'chat_busy' && left > 0) {
      await sleep(50);
      continue;
    }
    if (answer.final_output !== 'Fine.') faults.push(`the next run failed: ${JSON.stringify(answer)}`);
    return;
  }
}

/** Milliseconds, by the database's clock, until anybody may take over the chat's run. */
async function leftOfLease(db: Database, chatId: string): Promise<number> {
  const [run] = await query<{ left: number }>(db, {
    text: `select (extract(epoch from lease_until - clock_timestamp()) * 1000)::float8 as left
      from chats c join runs r on r.run_id = c.active_run where c.chat_id = $1`,
    values: [chatId],
  });
  return run?.left ?? 0;
}

/** Every execution is a call in the history, with one result; no call is there twice. */
function toolFaults(history: readonly AgentInputItem[], executed: readonly string[]): string[] {
  const calls = history.filter((item) => item.type === 'function_call');
  const results = history.filter((item) => item.type === 'function_call_result');
  const lines = calls.map(({ arguments: text }) => (JSON.parse(text) as { line: string }).line);
  const faults: string[] = [];
  for (const line of executed) {
    if (!lines.includes(line)) faults.push(`the execution ${line} is missing`);
  }
  if (new Set(executed).size !== executed.length) faults.push(`executed twice: ${executed.join(' ')}`);
  if (new Set(lines).size !== lines.length) faults.push(`called twice: ${lines.join(' ')}`);
  for (const { callId } of calls) {
    const count = results.filter((result) => result.callId === callId).length;
    if (count !== 1) faults.push(`the call ${callId} has ${count} results`);
  }
  if (results.length !== calls.length) faults.push('there are results without a call');
  return faults;
}

function textFaults(history: readonly AgentInputItem[]): string[] {
  const texts = history.filter((item) => 'role' in item && item.role === 'assistant').map(textOf);
  return texts.flatMap((text, index) =>
    texts.some((other, place) => place !== index && other.startsWith(text)) ? [`twice: ${text}`] : [],
  );
}

function count(report: CrashReport, checked: Checked): void {
  const totals = report as { -readonly [Key in keyof CrashReport]: CrashReport[Key] };
  totals.faults.push(...checked.faults);
  totals.states[checked.state] = (totals.states[checked.state] ?? 0) + 1;
  totals.executed += checked.executed;
  totals.closedCalls += checked.closedCalls;
  totals.partialAnswers += checked.partialAnswers;
}
