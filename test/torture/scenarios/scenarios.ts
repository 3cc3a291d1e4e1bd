import { setTimeout as sleep } from 'node:timers/promises';
import type { CleanUp } from '../../support/clean-up.ts';
import { startPostgresProxy } from '../../support/postgres-proxy.ts';
import { asAdmin, startPostgres } from '../../support/postgres-server.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { planBreaks, type Trouble } from '../plan.ts';
import type { Processes } from '../processes.ts';
import { type Arena, nothing, type Scenario } from './arena.ts';
import { embedded, full } from './embedded.ts';
import { failover } from './failover.ts';

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  kills,
  backends,
  network,
  failover,
  embedded,
  full,
};

/** Processes are killed in whatever they do, and started again. */
async function kills(_seed: number, atEnd: CleanUp): Promise<Arena> {
  const { url, stop } = await startPostgres();
  atEnd(stop);
  const trouble = ({ choice }: Trouble, processes: Processes) => processes.replace(choice);
  return { url, processes: 3, trouble, heal: nothing, where: () => url };
}

/** The server's own processes are ended. */
async function backends(_seed: number, atEnd: CleanUp): Promise<Arena> {
  const { url, stop } = await startPostgres();
  atEnd(stop);
  const trouble = async ({ choice }: Trouble) => {
    const text = `select pg_terminate_backend(pid) from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() order by random() limit $1`;
    await asAdmin(url, (client) => client.query(text, [1 + (choice % 8)]));
  };
  return { url, processes: 2, trouble, heal: nothing, where: () => url };
}

/** Connections break before, in and after statements, fall silent for a while, and are refused for a while. */
async function network(seed: number, atEnd: CleanUp): Promise<Arena> {
  const { url, stop } = await startPostgres();
  atEnd(stop);
  const line = await startTcpProxy(url, undefined, atEnd);
  const proxy = await startPostgresProxy(line.url, atEnd);
  const breaks = planBreaks(seed);
  const trouble = async ({ choice, waitMs, lastsMs }: Trouble) => {
    proxy.breakAt = () => breaks.next().value;
    // Quiet enough for most requests.
    await sleep(2 * waitMs);
    if (choice % 2 === 0) return line.stall(lastsMs);
    await line.cut();
    await sleep(lastsMs / 3);
    await line.mend();
  };
  const heal = async () => {
    proxy.breakAt = () => undefined;
  };
  return { url: proxy.url, processes: 2, trouble, heal, where: () => url };
}
