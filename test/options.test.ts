import { Agent } from '@openai/agents-core';
import { expect, test } from 'vitest';
import { createJwtAuth } from '../src/http/auth/jwt.ts';
import { createStackAuth } from '../src/http/auth/stack.ts';
import {
  compactChat,
  createChat,
  DatabaseSession,
  getChatById,
  getUserChats,
  keepWindow,
  openDatabase,
  runDurably,
  summarizeWith,
  updateChat,
} from '../src/index.ts';
import { Live } from '../src/live/live.ts';
import { checkOptions, isAnything } from '../src/options.ts';
import { Runs } from '../src/run/runs.ts';
import { scriptModel } from '../src/testing/script-model.ts';
import { DATABASES, newUser } from './support/databases.ts';

test('an option that there is not, or that is wrong, is refused by its name', async () => {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  const agent = new Agent({ name: 'A', model: scriptModel() });
  const run = { agent, userId: newUser(), input: 'hi' };
  const runs = new Runs({ db });
  const compaction = keepWindow({ turns: 1 });
  const jwt = { issuer: 'https://issuer.example', audience: null };
  /** Makes a call with these options beside those that it needs; by what its refusal is called. */
  const calls: Record<string, [call: (options: object) => unknown, wrong: object, code?: string]> = {
    openDatabase: [(options) => openDatabase('memory://', options), { poolSize: '10' }],
    DatabaseSession: [(options) => new DatabaseSession('c', db, options), { maxItemBytes: '1mb' }],
    runDurably: [(options) => runDurably(agent, 'hi', { db, userId: 'u', ...options }), { leaseMs: NaN }],
    Runs: [(options) => new Runs({ db, ...options }), { timeoutMs: '10s' }],
    start: [(options) => runs.start({ ...run, ...options }), { pending: 'rejected' }],
    list: [(options) => runs.list('u', options), { limit: '10' }],
    history: [(options) => new Runs({ db, history: options }), { turns: 0 }],
    createChat: [(options) => createChat(db, 'u', options), { title: 7 }],
    updateChat: [(options) => updateChat(db, 'c', 'u', {}, options), {}],
    getChatById: [(options) => getChatById(db, 'c', 'u', options), {}],
    getUserChats: [(options) => getUserChats(db, 'u', options), { limit: 0 }],
    compactChat: [(options) => compactChat(db, 'c', 'u', compaction, options), { maxItemBytes: '1' }],
    summarizeWith: [(options) => summarizeWith({ model: 'm', ...options }), { model: '' }],
    keepWindow: [(options) => keepWindow({ turns: 1, ...options }), { turns: 0 }],
    Live: [(options) => new Live({ db, ...options }), { db: 'memory://' }],
    createJwtAuth: [(options) => createJwtAuth({ ...jwt, ...options }), { fetch: true }, 'configuration'],
    createStackAuth: [
      (options) => createStackAuth({ projectId: 'p', ...options }),
      { projectId: undefined },
      'configuration',
    ],
  };
  for (const [name, [call, wrong, kind = 'request']] of Object.entries(calls)) {
    for (const options of [wrong, { misspelt: 1 }, { misspelt: undefined }]) {
      for (const field of Object.keys(options))
        await expect((async () => call(options))(), `${name} ${field}`).rejects.toMatchObject({
          code: `invalid_${kind}`,
          errors: [{ field: expect.stringMatching(new RegExp(`(^|\\.)${field}$`)) }],
        });
    }
  }
});

test('a slip is told which option it is near to, and of none where there is none', () => {
  const checks = { userId: isAnything, projectId: isAnything, db: isAnything, agents: isAnything };
  const told = (name: string) => {
    try {
      checkOptions({ [name]: 1 }, checks);
      return 'nothing';
    } catch (error) {
      return error instanceof Error ? error.message : error;
    }
  };
  for (const [slip, name] of [
    ['userID', 'userId'],
    ['user', 'userId'],
    ['UserId', 'userId'],
    ['porjectId', 'projectId'],
    ['agent', 'agents'],
  ] as const) {
    expect(told(slip)).toBe(`${slip} is not known: did you mean ${name}?`);
  }
  for (const other of ['', 'id', 'database', 'xxxxxxxx', 'toString', '__proto__']) {
    expect(told(other)).toBe(`${other} is not known`);
  }
});

test('what an app passes on from a request is refused at once, in words that a person can read', () => {
  const checks = { userId: isAnything, projectId: isAnything };
  const body = Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [`${index}${'😀'.repeat(500_000)}`, 1]),
  );
  const refusal = catchError(() => checkOptions(body, checks));
  expect(refusal.message.length).toBeLessThan(1_500);
  expect(refusal.message.isWellFormed()).toBe(true);
  expect(refusal).toMatchObject({ errors: { length: 10 } });
});

function catchError(work: () => void): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not refused');
}
