import { setTimeout as sleep } from 'node:timers/promises';
import type { CleanUp } from '../../support/clean-up.ts';
import { asAdmin, startPostgres } from '../../support/postgres-server.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import type { Trouble } from '../plan.ts';
import { type Arena, nothing } from './arena.ts';

/**
 * A primary whose synchronous standby is out of reach for a while, again and again; between, the address of the primary
 * leads to the standby for a while; then the primary is killed, and the standby promoted.
 */
export async function failover(_seed: number, atEnd: CleanUp): Promise<Arena> {
  const primary = await startPostgres(['fsync=off', 'synchronous_standby_names=*', 'wal_keep_size=1GB']);
  atEnd(primary.stop);
  const between = await startTcpProxy(primary.url, undefined, atEnd);
  const standby = await startPostgres(['fsync=off'], { ...primary, url: between.url });
  atEnd(standby.stop);
  const address = await startTcpProxy(primary.url, undefined, atEnd);

  let { url } = primary;
  const loseStandby = ({ lastsMs }: Trouble) => between.stall(lastsMs + 2_000);
  const lead = async (url: string) => {
    await address.cut();
    address.leadTo(url);
    await address.mend();
  };
  const leadAstray = async ({ lastsMs }: Trouble) => {
    await lead(standby.url);
    await sleep(lastsMs);
    // Connections to the standby stay: whoever has one has to notice.
    address.leadTo(primary.url);
  };
  const replacePrimary = async ({ choice, lastsMs }: Trouble) => {
    // Half of the time in the middle of commits that wait for the standby.
    if (choice % 2 === 0) {
      void between.stall(lastsMs);
      await sleep(lastsMs / 2);
    }
    await address.cut();
    process.kill(primary.pid, 'SIGKILL');
    await asAdmin(standby.url, (client) => client.query('select pg_promote()'));
    url = standby.url;
    address.leadTo(url);
    await address.mend();
  };
  const calm = () => sleep(5_000);
  const acts = [loseStandby, leadAstray, calm, loseStandby, leadAstray, calm, replacePrimary, calm];
  let act = 0;
  return {
    url: address.url,
    processes: 2,
    troubles: acts.length,
    trouble: async (trouble) => acts[act++]?.(trouble),
    heal: nothing,
    where: () => url,
  };
}
