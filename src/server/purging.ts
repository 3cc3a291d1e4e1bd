import type { FastifyInstance } from 'fastify';
import { doTask } from '../channels.ts';
import type { Database } from '../database/database.ts';
import { describeError } from '../describe-error.ts';
import { purge } from '../store/users/purge.ts';
import type { Retention } from '../store/users/retention.ts';

const PURGE_INTERVAL_MS = 60 * 60_000;

/** Removes what is older than it is kept when the server starts and every hour, until it closes. */
export function schedulePurges(app: FastifyInstance, db: Database, keep: Retention): void {
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  const purgeNow = async () => {
    try {
      const purged = await doTask('purge', async (message) => {
        const counts = await purge(db, keep, { signal: closing.signal });
        if (message !== undefined) message.purged = counts;
        return counts;
      });
      if (Object.values(purged).some((count) => count > 0)) app.log.info(purged, 'purged');
    } catch (error) {
      if (!closing.signal.aborted)
        app.log.warn({ error: describeError(error) }, 'the purge goes on in an hour');
    }
    running = undefined;
  };
  const begin = () => {
    // A long one goes on instead of a second one.
    running ??= purgeNow();
  };
  const timer = setInterval(begin, PURGE_INTERVAL_MS).unref();
  app.addHook('onListen', async () => begin());
  app.addHook('onClose', async () => {
    clearInterval(timer);
    closing.abort();
    await running;
  });
}
