import type { Bus } from '../../live/bus.ts';
import { busAt } from '../../live/bus-at.ts';
import type { Config } from '../config.ts';
import { explain, type Finding } from './finding.ts';

const name = 'live';

/** Whether the bus takes a connection that tells other processes what changed. */
export async function checkLive({ liveUrl, database, schema }: Config): Promise<readonly Finding[]> {
  const isServer = database.startsWith('postgres:');
  const url = liveUrl ?? (isServer ? database : undefined);
  if (url === undefined)
    return [{ name, status: 'ok', found: 'this process alone (set QUESTLOG_LIVE_URL for several)' }];
  let bus: Promise<Bus> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      bus = busAt(url, { schema })({ message: () => undefined, connected: resolve, lost: reject });
      bus.catch(reject);
    });
    const through = liveUrl === undefined ? 'the database' : 'QUESTLOG_LIVE_URL';
    return [{ name, status: 'ok', found: `changes are told through ${through}` }];
  } catch (error) {
    const found = `the bus takes no connection: ${explain(error)}`;
    const remedy = `see ${liveUrl === undefined ? 'DATABASE_URL' : 'QUESTLOG_LIVE_URL'}, and whether that server runs`;
    return [{ name, status: 'fail', found, remedy }];
  } finally {
    bus?.then((opened) => opened.close()).catch(() => undefined);
  }
}
