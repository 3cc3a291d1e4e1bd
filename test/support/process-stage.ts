import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { openDatabase } from '../../src/db/open.ts';
import { closedAfterTest, createPostgresDatabase, newFolder, newUser } from './databases.ts';
import { strictModel } from './runs.ts';
import { type RunsProcess, type RunsProcessOptions, startRunsProcess } from './runs-process.ts';
import type { Script } from './strict-openai.ts';

/** One user of a PostgreSQL of its own and of servers on it, all gone when the test ends. */
export async function processStage(script: Script) {
  const url = await createPostgresDatabase();
  const db = closedAfterTest(await openDatabase(url));
  await migrate(db);
  const { api } = await strictModel(script);
  const file = join(newFolder(), 'executed');
  writeFileSync(file, '');
  const place = { url, api, file, userId: newUser() };
  const start = async (
    options: Pick<RunsProcessOptions, 'leaseMs' | 'shutdownMs'> = {},
  ): Promise<RunsProcess> => {
    const server = await startRunsProcess({ ...place, ...options });
    onTestFinished(() => server.program.kill().then(() => undefined));
    return server;
  };
  return { db, api, file, start };
}
