import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import type { CleanUp } from './clean-up.ts';
import { createPostgresDatabase, newFolder, newUser } from './databases.ts';
import { type RunsProcess, type RunsProcessOptions, startRunsProcess } from './runs-process.ts';
import type { Script } from './strict/reply.ts';
import { startStrictOpenAi } from './strict/strict-openai.ts';

/**
 * One user of a PostgreSQL of its own and of servers on it.
 *
 * @param atEnd when they go. Default: when the test ends.
 */
export async function processStage(script: Script, atEnd: CleanUp = onTestFinished) {
  const url = await createPostgresDatabase();
  const db = await openDatabase(url);
  atEnd(() => db.close());
  await migrate(db);
  const api = await startStrictOpenAi(script);
  atEnd(() => api.close());
  const file = join(newFolder(), 'executed');
  writeFileSync(file, '');
  const place = { url, api, file, userId: newUser() };
  const start = async (
    options: Pick<RunsProcessOptions, 'leaseMs' | 'shutdownMs'> = {},
  ): Promise<RunsProcess> => {
    const server = await startRunsProcess({ ...place, ...options });
    atEnd(() => server.program.kill().then(() => undefined));
    return server;
  };
  return { db, api, file, start, userId: place.userId };
}
