import { Agent } from '@openai/agents-core';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { chatStorageRouter, createAgentRouter, runsRouter } from '../../src/http/index.ts';
import { scriptModel } from '../../src/testing/index.ts';
import { byHeader } from '../support/app.ts';
import { DATABASES } from '../support/databases.ts';
import { runsOn } from '../support/runs.ts';

test('a router that lacks what it needs is refused when it is registered, with the option by its name', async () => {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  const options = { db, runs: runsOn(db), agent: new Agent({ name: 'A', model: scriptModel() }) };
  const needed = { ...options, authenticate: byHeader };
  for (const [field, plugin] of [
    ['authenticate', chatStorageRouter],
    ['db', chatStorageRouter],
    ['authenticate', runsRouter],
    ['runs', runsRouter],
    ['authenticate', createAgentRouter],
    ['agent', createAgentRouter],
  ] as const) {
    // Such as a pool, of which some requests would work.
    for (const other of [undefined, { query: async () => ({ rows: [] }) }]) {
      const given = { ...needed, [field]: other } as never;
      const app = Fastify();
      const made = plugin === createAgentRouter ? createAgentRouter(given) : plugin;
      void app.register(made as never, given);
      await expect(
        app.ready().then(() => 'ready'),
        `${plugin.name} ${field}`,
      ).rejects.toMatchObject({
        code: 'invalid_request',
        errors: [{ field }],
      });
    }
  }
});
