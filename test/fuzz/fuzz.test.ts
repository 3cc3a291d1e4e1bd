import { expect, onTestFinished, test } from 'vitest';
import { createPostgresDatabase, newFolder } from '../support/databases.ts';
import { fuzz } from './fuzz.ts';
import { FuzzServer } from './fuzz-server.ts';

const REQUESTS = 7_800;
const SEED = 42;
/** A minute on an idle machine, for both. */
const TIMEOUT_MS = 900_000;

test.each([
  ['PGlite', async () => undefined],
  ['PostgreSQL', () => createPostgresDatabase()],
])(
  'whatever a client sends, every reply is as documented, and no other user is touched (%s)',
  async (_name, database) => {
    const server = await FuzzServer.start({ database: await database(), folder: newFolder() });
    onTestFinished(() => server.stop());

    const { failure, tally, document } = await fuzz({ server, requests: REQUESTS, seed: SEED });

    expect(failure, server.program.output()).toBeUndefined();
    expect(tally.unseen(document)).toEqual([]);
    expect(tally.compared).toBeGreaterThan(100);
  },
  TIMEOUT_MS,
);
