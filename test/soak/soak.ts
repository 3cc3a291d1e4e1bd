import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OidcProvider, PLAIN_PROVIDER } from '../support/oidc-provider.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { createSigningKey } from '../support/signing.ts';
import type { Script } from '../support/strict/reply.ts';
import { startStrictOpenAi } from '../support/strict/strict-openai.ts';
import { measureDatabase, measureProcess, Series } from './measures.ts';
import { planSteps, planTroubles, type Trouble } from './plan.ts';
import { Server } from './servers.ts';
import { type Notes, User } from './user.ts';
import { compareEnds, type Row } from './verdict.ts';

export interface SoakOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly users: number;
  /** Hears how far it is, in lines for people. */
  readonly say: (line: string) => void;
}

export interface SoakReport {
  readonly rows: readonly Row[];
  /** What was lost, doubled, out of order or never told, and processes that ended by themselves. */
  readonly faults: readonly string[];
  readonly operations: number;
  /** How often a request failed, by its code. */
  readonly failures: ReadonlyMap<string, number>;
  /** How often something went wrong, by its kind. */
  readonly troubles: ReadonlyMap<string, number>;
}

const PROCESS_EVERY_MS = 5_000;
const DATABASE_EVERY_MS = 20_000;

/**
 * Mixed load of many users on two servers of one PostgreSQL, one of which is ended now and then; the other one lives
 * through all, and is measured.
 */
export async function soak({ seed, minutes, users: count, say }: SoakOptions): Promise<SoakReport> {
  const ends: (() => Promise<unknown>)[] = [];
  const home = mkdtempSync(join(tmpdir(), 'questlog-soak-'));
  ends.push(async () => rmSync(home, { recursive: true, force: true }));
  try {
    // As it is deployed: what is written is synced.
    const postgres = await startPostgres([]);
    ends.push(() => postgres.stop());
    const api = await startStrictOpenAi(script);
    ends.push(() => api.close());
    const provider = new OidcProvider(PLAIN_PROVIDER, [await createSigningKey()]);
    await provider.listen();
    ends.push(() => provider.close());
    const env = {
      DATABASE_URL: postgres.url,
      OPENAI_BASE_URL: api.baseUrl,
      OPENAI_API: 'responses',
      QUESTLOG_JWT_ISSUER: provider.issuer,
      QUESTLOG_JWT_AUDIENCE: 'questlog',
      // So that the events of runs are removed in the time that it takes.
      QUESTLOG_EVENTS_KEPT: '60',
    };
    const servers: [Server, Server] = [await Server.start(env, home), await Server.start(env, home)];
    ends.push(() => Promise.all(servers.map((server) => server.stop())));
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    ends.push(() => admin.end());

    const series = new Series();
    const faults: string[] = [];
    const failures = new Map<string, number>();
    const waits = new Set<string>();
    const notes: Notes = {
      faults,
      took(what, ms) {
        waits.add(what);
        series.add(what, ms);
      },
      failed: (code) => void failures.set(code, (failures.get(code) ?? 0) + 1),
    };
    const users = Array.from({ length: count }, (_, n) => {
      const userId = `user-${n}`;
      const baseUrl = (servers[n % 2] as Server).url;
      return new User(`u${n}`, { baseUrl, getToken: () => provider.sign({ userId }) }, notes);
    });

    const durationMs = minutes * 60_000;
    const over = new AbortController();
    const until = performance.now() + durationMs;
    const playing = users.map((user, n) => user.play(planSteps(seed, n), over.signal));
    const measuring = [
      repeat(PROCESS_EVERY_MS, over.signal, async () => {
        await measureProcess(servers[0], series);
        // The stand-in keeps what it was asked.
        api.asked.length = 0;
      }),
      repeat(DATABASE_EVERY_MS, over.signal, () => measureDatabase(admin, series)),
    ];
    const troubles = await makeTrouble(planTroubles(seed), until, servers[1], admin, say);
    await sleep(until - performance.now());
    over.abort();
    await Promise.all([...playing, ...measuring]);
    for (const user of users) await user.end();
    faults.push(...servers.flatMap(({ crashes }) => crashes.map((output) => `a process ended: ${output}`)));
    faults.push(...api.refusals.map((refusal) => `the model refused: ${refusal}`));
    const operations = [...waits].reduce((sum, name) => sum + series.between(name, 0, durationMs).length, 0);
    return { rows: compareEnds(series, [...waits], durationMs), faults, operations, failures, troubles };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function makeTrouble(
  plan: Iterable<Trouble>,
  until: number,
  server: Server,
  admin: pg.Client,
  say: SoakOptions['say'],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { kind, waitMs } of plan) {
    // The last one is over when the end is measured, and what it broke has come back.
    if (performance.now() + waitMs + 10_000 > until) break;
    await sleep(waitMs);
    if (kind === 'backends') {
      await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`);
    } else await server.restart(kind === 'kill' ? 'SIGKILL' : 'SIGTERM');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    say(`${Math.round((until - performance.now()) / 60_000)} minutes to go; ${kind}`);
  }
  return counts;
}

async function repeat(everyMs: number, over: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!over.aborted) {
    await work();
    await sleep(everyMs, undefined, { signal: over }).catch(() => undefined);
  }
}

/** Repeats the mark of what the user said, and goes on for a while. */
const script: Script = (input) => {
  const asked = input.findLast(({ role }) => role === 'user');
  const [mark = ''] = /u\d+m\d+\./.exec(JSON.stringify(asked)) ?? [];
  const words = Array.from({ length: 30 }, (_, n) => `word${(n * 7 + mark.length) % 50}`);
  return { text: `Answer to ${mark} ${words.join(' ')}`, pace: 10 };
};
