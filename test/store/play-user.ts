import { Agent } from '@openai/agents-core';
import { ScriptedModel } from '@openai/agents-core/testing';
import { expect } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { purge } from '../../src/index.ts';
import { userSays } from '../session/items.ts';
import { appOn, runsOn } from '../support/runs.ts';
import { ok } from './ok.ts';

/** What an operator and a user do about all that there is of a user. */
export async function playUser(db: Database, userId: string): Promise<void> {
  const { ask } = await appOn(runsOn(db), db, new Agent({ name: 'A', model: new ScriptedModel([]) }), userId);
  const keep = { inactiveDays: 9, deletedDays: 9, archivedDays: 9, runDays: 9, usageDays: 9 };
  const { chat_id: id } = await ok(ask('POST', '/chats', { conversation: [userSays('a')] }));
  await ask('PUT', `/chats/${id}/expiry`, { expires_at: '2020-01-01T00:00:00Z' });
  for (const dryRun of [true, false]) await purge(db, keep, { dryRun });
  await purge(db);
  for (const by of ['day', 'model', 'chat', 'run']) await ok(ask('GET', `/usage?by=${by}`));
  for (const inactive_days of [null, 9]) await ok(ask('PUT', '/user/retention', { inactive_days }));
  await ok(ask('GET', '/user/retention'));
  expect((await ask('GET', '/user/data')).statusCode).toBe(200);
  await ok(ask('DELETE', '/user/data'));
}
