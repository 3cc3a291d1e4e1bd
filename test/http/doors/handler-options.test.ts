import { Agent } from '@openai/agents-core';
import { ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import * as byFetch from '../../../src/http/fetch.ts';
import * as byNode from '../../../src/http/node.ts';
import type { AgentListResponse } from '../../../src/wire/agents.ts';
import { byHeader } from '../../support/app.ts';
import { DATABASES, newUser } from '../../support/databases.ts';
import { runsOn } from '../../support/runs.ts';

const agent = (name: string) => new Agent({ name, model: new ScriptedModel([]) });

/** What a handler cannot be without. */
async function needed() {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  return { db, runs: runsOn(db), agents: [agent('a')], authenticate: byHeader };
}

async function handlerWith(options: Partial<byFetch.FetchHandlerOptions>) {
  const handler = byFetch.createHandler({ ...(await needed()), ...options });
  return async (path: string) => {
    const headers = { 'x-test-user': newUser() };
    const reply = await handler(new Request(`http://host${path}`, { headers }));
    return { status: reply.status, body: (await reply.json()) as AgentListResponse };
  };
}

/** Takes the console away until the test ends. */
function hushed(method: 'warn' | 'error') {
  const spy = vi.spyOn(console, method).mockImplementation(() => undefined);
  onTestFinished(() => spy.mockRestore());
  return spy;
}

describe('a handler', () => {
  test('has each agent at its name and the first one at /chat, too', async () => {
    const agents = [agent('Dungeon Master'), agent('Café')];
    const ask = await handlerWith({ basePath: '/a/b.c', agents });
    for (const [path, name] of [
      ['/a/b.c/chat/info', 'Dungeon Master'],
      ['/a/b.c/agents/dungeon-master/info', 'Dungeon Master'],
      ['/a/b.c/agents/cafe/info', 'Café'],
    ] as const) {
      expect(await ask(path)).toMatchObject({ status: 200, body: { name } });
    }
    expect(await ask('/chat/info')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('lists its agents, each with the place where it is below its own and what people read of it', async () => {
    const described = { agent: agent('Support'), title: 'Shop', suggestions: ['Where is it?'] };
    const ask = await handlerWith({ basePath: '/api', agents: [described, agent('Sales')] });
    const { status, body } = await ask('/api/agents');
    expect(status).toBe(200);
    expect(body).toEqual({
      agents: [
        { ...seen('Support'), title: 'Shop', suggestions: ['Where is it?'] },
        { ...seen('Sales'), title: 'Sales', suggestions: [] },
      ],
    });
    for (const { path, name } of body.agents) {
      expect(await ask(`/api${path}/info`)).toMatchObject({ status: 200, body: { name } });
    }
  });

  test.each([
    ['questlog/fetch', byFetch.createHandler],
    ['questlog/node', byNode.createHandler],
  ])('of %s is refused, with the option that is wrong, when it is made', async (_, createHandler) => {
    const options = await needed();
    const wrong: [field: string, value: unknown][] = [
      ...['db', 'runs', 'agents', 'authenticate'].map((name): [string, unknown] => [name, undefined]),
      ['db', {}],
      ['runs', options.db],
      ['authenticate', 'sk'],
      ...[[], agent('a'), [agent('a'), agent('A')], [undefined], [agent('!')], [{ name: 'a' }]].map(
        (agents): [string, unknown] => ['agents', agents],
      ),
      ...['api', '/', '/api/', '/:tenant', '/a?b', '//'].map((path): [string, unknown] => ['basePath', path]),
      ['bodyLimit', '10mb'],
      ['onUnauthenticated', true],
      ['replies', 100],
      ['log', () => undefined],
      ['authentificate', byHeader],
      ['agent', agent('a')],
    ];
    for (const [field, value] of wrong) {
      const make = () => createHandler({ ...options, [field]: value } as never);
      expect(make, field).toThrow(
        expect.objectContaining({ name: 'QuestlogError', errors: [expect.objectContaining({ field })] }),
      );
    }
    for (const nothing of [undefined, null, options.db.close]) {
      expect(() => createHandler(nothing as never)).toThrow('options must be an object');
    }
  });

  test('tells the console what failed, and nothing of what did not, unless it has a log', async () => {
    const [told, warned] = [hushed('error'), hushed('warn')];
    const broken = () => {
      throw new TypeError('broken for ada');
    };
    const ask = await handlerWith({});
    expect(await ask('/chats')).toMatchObject({ status: 200 });
    expect(await ask('/chats/unknown')).toMatchObject({ status: 404 });
    expect(told).not.toHaveBeenCalled();
    expect(await (await handlerWith({ authenticate: broken }))('/chats')).toMatchObject({ status: 500 });
    const [[line]] = told.mock.calls as [[string]];
    expect(line).toMatch(/^questlog: request failed: .*handler-options\.test/);
    expect(line).not.toContain('ada');
    const lines: unknown[] = [];
    const keep = (...given: unknown[]) => void lines.push(given);
    const silent = {
      level: 'info',
      ...fill(['info', 'debug', 'trace', 'warn', 'fatal', 'silent'], () => {}),
    };
    const log = { ...silent, error: keep, child: () => log };
    await (await handlerWith({ authenticate: broken, log: log as never }))('/chats');
    expect([told.mock.calls.length, warned.mock.calls.length, lines.length]).toEqual([1, 0, 1]);
  });
});

function seen(name: string) {
  const path = `/agents/${name.toLowerCase()}`;
  return {
    name,
    path,
    description: null,
    model: { name: 'custom', offline: false },
    accepts: { images: true, files: true },
  };
}

function fill<Value>(names: readonly string[], value: Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, value]));
}
