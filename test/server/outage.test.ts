import { expect, inject, test } from 'vitest';
import { createPostgresDatabase } from '../support/databases.ts';
import { asAdmin } from '../support/postgres-server.ts';
import { type CliServer, startCliServer } from '../support/server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const SLOW = { timeout: 120_000 };

/** What PostgreSQL does to its clients when it is stopped (57P01). */
async function terminateAll(url: string): Promise<number> {
  return asAdmin(inject('postgres').url, async (client) => {
    const { rowCount } = await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
      [new URL(url).pathname.slice(1)],
    );
    return rowCount ?? 0;
  });
}

const ready = async ({ ask }: CliServer) => (await ask('GET', '/ready')).status;

/** Runs and reads until told to stop; counts each status. */
function load({ ask }: CliServer) {
  const statuses = new Map<number, number>();
  let stopped = false;
  const work = async (worker: number) => {
    for (let turn = 0; !stopped; turn++) {
      const said = { input: `turn ${turn}`, session_id: `load ${worker}` };
      const reply = turn % 2 === 0 ? await ask('POST', '/chat/run', said) : await ask('GET', '/chats');
      await reply.text();
      statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
    }
  };
  const workers = Promise.all([0, 1, 2, 3].map(work));
  const count = (status: number) => statuses.get(status) ?? 0;
  return {
    count,
    statuses: () => [...statuses.keys()],
    stop: () => {
      stopped = true;
      return workers;
    },
  };
}

test(
  'a PostgreSQL that stops and comes back, idle or under load, never ends the process, and all goes on',
  SLOW,
  async () => {
    const direct = await createPostgresDatabase();
    const proxy = await startTcpProxy(direct);
    const server = await startCliServer({ DATABASE_URL: proxy.url, QUESTLOG_RATE_LIMIT: '1000000' });
    const { ask, program } = server;
    await ask('POST', '/chat/run', { input: 'I seek the crown', session_id: 'quest' });

    expect(await terminateAll(direct), 'idle connections were killed').toBeGreaterThan(0);
    await expect.poll(() => ready(server)).toBe(200);
    expect((await ask('GET', '/chats/quest')).status).toBe(200);

    const busy = load(server);
    for (const break_ of [() => terminateAll(direct), proxy.cut]) {
      const before = busy.count(200);
      await expect.poll(() => busy.count(200)).toBeGreaterThan(before + 8);
      await break_();
    }
    await expect.poll(() => ready(server)).toBe(503);
    const down = await ask('GET', '/chats');
    expect([down.status, await down.json()]).toMatchObject([503, { code: 'database_unavailable' }]);
    expect((await ask('GET', '/health')).status).toBe(200);
    await proxy.mend();
    await expect.poll(() => ready(server)).toBe(200);
    const after = busy.count(200);
    await expect.poll(() => busy.count(200)).toBeGreaterThan(after + 8);
    await busy.stop();

    // 409: a run that had begun when the answer of the database got lost keeps its chat until its lease runs out.
    expect(busy.statuses().filter((status) => ![200, 409, 503].includes(status))).toEqual([]);
    const asked = { input: 'What did we discuss?', session_id: 'quest' };
    const told = async () => (await ask('POST', '/chat/run', asked)).text();
    await expect.poll(told, { interval: 250 }).toContain('I seek the crown');
    expect(await program.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  },
);
