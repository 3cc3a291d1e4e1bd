import { Agent } from '@openai/agents-core';
import { ScriptedModel } from '@openai/agents-core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QuestlogError } from '../../../src/errors.ts';
import { createHandler, type HandlerOptions } from '../../../src/http/fetch.ts';
import { byHeader } from '../../support/app.ts';
import { DATABASES, newUser } from '../../support/databases.ts';
import { runsOn } from '../../support/runs.ts';

async function handlerWith(options: Partial<HandlerOptions>, ...names: readonly string[]) {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  const agents = names.map((name) => new Agent({ name, model: new ScriptedModel([]) }));
  const handler = createHandler({ db, runs: runsOn(db), agents, authenticate: byHeader, ...options });
  return async (path: string) => {
    const headers = { 'x-test-user': newUser() };
    const reply = await handler(new Request(`http://host${path}`, { headers }));
    return { status: reply.status, body: await reply.json() };
  };
}

/** The field that is refused; undefined: none. */
async function refusedField(options: Partial<HandlerOptions>, ...names: readonly string[]) {
  return handlerWith(options, ...names).then(
    () => undefined,
    (error) => {
      if (!(error instanceof QuestlogError)) throw error;
      return [error.code, error.errors[0]?.field];
    },
  );
}

describe('a handler', () => {
  test('has each agent at its name and the first one at /chat, too', async () => {
    const ask = await handlerWith({ basePath: '/a/b.c' }, 'Dungeon Master', 'support');
    for (const [path, name] of [
      ['/a/b.c/chat/info', 'Dungeon Master'],
      ['/a/b.c/agents/Dungeon%20Master/info', 'Dungeon Master'],
      ['/a/b.c/agents/support/info', 'support'],
    ] as const) {
      expect(await ask(path)).toMatchObject({ status: 200, body: { name } });
    }
    expect(await ask('/chat/info')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('has an agent under any name that it does not refuse', { timeout: 120_000 }, async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          ...(['binary', 'grapheme', 'grapheme-ascii'] as const).map((unit) =>
            fc.string({ unit, minLength: 1 }),
          ),
        ),
        async (name) => {
          const ask = await handlerWith({}, name).catch(() => undefined);
          if (ask === undefined) return;
          taken += 1;
          const path = `/agents/${encodeURIComponent(name)}/info`;
          expect(await ask(path)).toMatchObject({ status: 200, body: { name } });
        },
      ),
      { numRuns: 40, seed: 18 },
    );
    expect(taken).toBeGreaterThan(5);
  });

  test('is refused, with the option that is wrong, when it is made', async () => {
    const refused = (field: string) => ['invalid_request', field];
    expect(await refusedField({})).toEqual(refused('agents'));
    expect(await refusedField({}, 'a', 'b', 'a')).toEqual(refused('agents[2].name'));
    for (const name of ['.', '..', 'a/b', 'a?b', ':a', '*', '50%']) {
      expect(await refusedField({}, 'a', name), name).toEqual(refused('agents[1].name'));
    }
    for (const basePath of ['api', '/', '/api/', '/:tenant', '/a?b', '//']) {
      expect(await refusedField({ basePath }, 'a'), basePath).toEqual(refused('basePath'));
    }
  });
});
