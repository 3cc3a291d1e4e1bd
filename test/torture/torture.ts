import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import type { Script } from '../support/strict/reply.ts';
import { type StrictOpenAi, startStrictOpenAi } from '../support/strict/strict-openai.ts';
import { findFaults } from './checker.ts';
import { Client, type World } from './client.ts';
import { readFound, waitUntilIdle } from './found.ts';
import type { Operation } from './history.ts';
import { planSteps, planTroubles } from './plan.ts';
import { Processes } from './processes.ts';
import type { Arena, Scenario } from './scenarios/arena.ts';

const USERS = ['ada', 'ben'];
const CHATS_EACH = 3;
const CLIENTS = 6;
const LEASE_MS = 2_000;
/** The longest that a scenario may take whose troubles are counted: on a busy machine it has fewer of them. */
const COUNTED_SECONDS = 600;

export interface TortureOptions {
  readonly seed: number;
  /** How long clients work, in a scenario that does not say after how many troubles it is over. */
  readonly seconds: number;
}

export interface TortureReport {
  /** What is wrong, in words. */
  readonly faults: readonly string[];
  readonly history: readonly Operation[];
  readonly troubles: number;
}

/** Lets clients work on chats while things go wrong, and judges what they were told by what is stored. */
export async function torture(scenario: Scenario, { seed, seconds }: TortureOptions): Promise<TortureReport> {
  const ends: (() => Promise<void>)[] = [];
  const home = mkdtempSync(join(tmpdir(), 'questlog-torture-'));
  ends.push(async () => rmSync(home, { recursive: true, force: true }));
  try {
    const folder = join(home, 'data');
    mkdirSync(folder);
    const arena = await scenario(seed, (end) => ends.push(end), folder);
    const db = await openDatabase(arena.where());
    await migrate(db);
    await db.close();
    const file = join(home, 'executed');
    writeFileSync(file, '');
    const api = await startStrictOpenAi(script);
    ends.push(() => api.close());
    const place = { url: arena.url, api, file, userId: '', leaseMs: LEASE_MS };
    const processes = new Processes(place, arena.processes);
    ends.push(() => processes.stop());
    const world = await openChats(processes);
    const troubles = await work(world, arena, { seed, seconds });
    await arena.heal();
    const isEmbedded = arena.where() === folder;
    // One process at a time can have the folder; a server is asked by those that have lived through all.
    await (isEmbedded ? processes.stop() : waitUntilIdle(arena.where()));
    const crashes = processes.crashes.map((output) => `a process has ended by itself: ${output}`);
    const judged = findFaults(world.history, await readFound(arena.where(), file));
    const survivors = isEmbedded ? new Processes(place, 1) : processes;
    ends.push(() => survivors.stop());
    return {
      history: world.history,
      troubles,
      faults: [...crashes, ...judged, ...(await runNext(survivors, world, api))],
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function openChats(processes: Processes): Promise<World> {
  const history: Operation[] = [];
  for (const userId of USERS) {
    for (let n = 0; n < CHATS_EACH; n += 1) {
      const reply = await processes.ask(n, userId, 'POST', '/chats', { title: 'new' });
      const { chat_id: chatId } = (await reply.json()) as { chat_id: string };
      const now = performance.now();
      history.push({
        kind: 'create',
        userId,
        chatId,
        title: 'new',
        begin: now,
        end: now,
        outcome: 'done',
        marks: [],
      });
    }
  }
  const chats = history.map(({ chatId, userId }) => ({ chatId, userId }));
  return { processes, chats, history, runs: new Map() };
}

/** @returns how often something went wrong. */
async function work(world: World, arena: Arena, { seed, seconds }: TortureOptions): Promise<number> {
  const over = new AbortController();
  const clients = Array.from({ length: CLIENTS }, (_, n) =>
    new Client(world, String(n)).play(planSteps(seed, n), over.signal),
  );
  const until = performance.now() + (arena.troubles === undefined ? seconds : COUNTED_SECONDS) * 1_000;
  let troubles = 0;
  for (const trouble of planTroubles(seed)) {
    if (performance.now() > until || troubles === arena.troubles) break;
    await sleep(trouble.waitMs);
    await arena.trouble(trouble, world.processes);
    troubles += 1;
  }
  over.abort();
  await Promise.all(clients);
  return troubles;
}

/** In every chat the next run works, whatever has happened there. */
async function runNext(processes: Processes, { chats }: World, api: StrictOpenAi): Promise<string[]> {
  const faults = api.refusals.map((refusal) => `the model refused: ${refusal}`);
  for (const [place, { chatId, userId }] of chats.entries()) {
    await processes.ask(place, userId, 'POST', `/chats/${chatId}/restore`).catch(() => undefined);
    const body = { input: 'next', session_id: chatId, pending: 'reject' };
    const answer = await processes
      .ask(place, userId, 'POST', '/chat/run', body)
      .then((reply) => reply.text())
      .catch(String);
    if (!answer.includes('"final_output":"Fine."')) faults.push(`${chatId}: the next run failed: ${answer}`);
  }
  return faults;
}

/** Speaks, asks for two tools, or for one that needs an approval, as the user's message says; then says so. */
const script: Script = (input) => {
  const asked = input.findLastIndex(({ role }) => role === 'user');
  const [, run, mark] = /(tools|guarded) (m[\d.]+)/.exec(JSON.stringify(input[asked])) ?? [];
  if (run === undefined) return { text: 'Fine.' };
  if (input.slice(asked).some(({ type }) => type === 'function_call_output')) {
    return { text: `It is done, ${'word '.repeat(20)}`, pace: 5 };
  }
  const record = (n: number) => ({ name: 'record', args: { line: `${mark}/${n}`, ms: 10 * n } });
  const guarded = { name: 'guarded', args: { line: `${mark}/guarded` } };
  return { text: 'Let me see.', calls: run === 'tools' ? [record(0), record(1)] : [guarded], pace: 5 };
};
