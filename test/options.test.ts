import { Agent } from '@openai/agents-core';
import { scriptModel } from '../src/testing/script-model.ts';
import { expect, test } from 'vitest';
import { createJwtAuth } from '../src/http/auth/jwt.ts';
import { createStackAuth } from '../src/http/auth/stack.ts';
import { DatabaseSession, getUserChats, openDatabase, runDurably } from '../src/index.ts';
import { checkOptions, describeUnknown, isAmount, isAnything } from '../src/options.ts';
import { Runs } from '../src/run/runs.ts';
import { DATABASES, newUser } from './support/databases.ts';

test('an option that there is not, or that is wrong, is refused by its name', async () => {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  const agent = new Agent({ name: 'A', model: scriptModel() });
  const run = { agent, userId: newUser(), input: 'hi' };
  const runs = new Runs({ db });
  const jwt = { issuer: 'https://issuer.example', audience: null };
  /** Makes a call with these options beside those that it needs; by what its refusal is called. */
  const calls: Record<string, [call: (options: object) => unknown, wrong: object, code?: string]> = {
    openDatabase: [(options) => openDatabase('memory://', options), { poolSize: '10' }],
    DatabaseSession: [(options) => new DatabaseSession('c', db, options), { maxItemBytes: '1mb' }],
    runDurably: [(options) => runDurably(agent, 'hi', { ...run, db, ...options } as never), {}],
    Runs: [(options) => new Runs({ db, ...options }), { timeoutMs: '10s' }],
    start: [(options) => runs.start({ ...run, ...options }), { pending: 'rejected' }],
    createJwtAuth: [(options) => createJwtAuth({ ...jwt, ...options }), { fetch: true }, 'configuration'],
    createStackAuth: [(options) => createStackAuth(options as never), { projectId: undefined }, 'configuration'],
  };
  for (const [name, [call, wrong, kind = 'request']] of Object.entries(calls)) {
    for (const options of [wrong, { misspelt: 1 }, { misspelt: undefined }]) {
      const [field] = Object.keys(options);
      await expect((async () => call(options))(), `${name} ${field}`).rejects.toMatchObject({
        code: `invalid_${kind}`,
        errors: expect.arrayContaining([expect.objectContaining({ field })]),
      });
    }
  }
});
