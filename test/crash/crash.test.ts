import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { crash } from '../support/crash.ts';
import { closedAfterTest, createPostgresDatabase, newFolder, newUser } from '../support/databases.ts';

test('a server killed in the middle of runs loses no message and no executed tool, doubles nothing, and every next run works', async () => {
  const url = await createPostgresDatabase();
  await migrate(closedAfterTest(await openDatabase(url)));
  const report = await crash({
    url,
    file: join(newFolder(), 'executed'),
    userId: newUser(),
    kills: 8,
    chats: 3,
    random: Math.random,
  });
  expect(report.faults).toEqual([]);
  expect(report.states.interrupted).toBeGreaterThan(0);
}, 180_000);
