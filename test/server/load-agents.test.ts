import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { loadAgents } from '../../src/server/agents/load-agents.ts';
import { agentsFolder } from '../support/server.ts';

const db = {} as Database;

/** What is said of a module, after its name. */
async function refusalOf(code: string, name = 'agents.mjs'): Promise<string> {
  const path = join(agentsFolder({ 'agents.mjs': code }), name);
  const error = await loadAgents(path, db).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'invalid_configuration' });
  const [named, words = ''] = String((error as Error).message).split(`the agents of ${path}: `);
  expect(named).toBe('');
  return words;
}

describe('a module of agents is refused by name and with what is wrong:', () => {
  const agent = `import { Agent } from '@openai/agents-core'; const agent = new Agent({ name: 'A' });`;

  test.each([
    ['export const agent = 1', /has no default export: add `export default`/],
    [
      'export default { name: "x" }',
      /the default export has the field “name”, which is none of agent, title,/,
    ],
    ['export default { agent: "x" }', /the default export is not an Agent of the Agents SDK, but “x”/],
    ['export default [null]', /agent 1 of the list is not an Agent of the Agents SDK, but null/],
    ['export default []', /the list of agents is empty/],
    ['export default () => 7', /the default export is not an Agent of the Agents SDK, but a number/],
    ['const a = 1;\nthrow new TypeError("no key")', /TypeError: no key \(\S*agents\.mjs:2\)/],
    ['export default async () => {\n  null.x;\n}', /TypeError: Cannot read .* \(\S*agents\.mjs:2\)/],
    ['import "nowhere"', /Cannot find package 'nowhere' imported from .*agents\.mjs/],
    [
      `${agent} export default [agent, agent.clone({})]`,
      /two agents, “A” and “A”, would both be at \/agents\/a/,
    ],
    [
      `${agent} export default [agent, agent.clone({ name: '(a)' })]`,
      /two agents, “A” and “\(a\)”, would both/,
    ],
    [`${agent} export default agent.clone({ name: '支持' })`, /“支持”, cannot stand in a URL: .* as `title`/],
    [
      `${agent} export default { agent, suggestions: ['', 'x'] }`,
      /number 1 of the suggestions of the default/,
    ],
    [
      `${agent} export default { agent, title: 7 }`,
      /the title of the default export must be a text .* a number/,
    ],
    [
      `import { createRequire } from 'node:module';
       const { Agent } = createRequire(import.meta.url)('@openai/agents-core');
       export default new Agent({ name: 'Other' });`,
      /the agent is of another copy of @openai\/agents-core than Questlog has/,
    ],
  ])('%s', async (code, words) => {
    const refusal = await refusalOf(code);
    expect(refusal).toMatch(words);
  });

  test('a file that is not there, or a folder', async () => {
    expect(await refusalOf('', 'other.mjs')).toBe('there is no such file');
    expect(await refusalOf('', '')).toBe('it is not a file');
  });

  test('TypeScript where neither Node nor a loader reads it', async () => {
    const path = join(agentsFolder({}), 'agents.ts');
    writeFileSync(path, 'export default 1');
    const canRead = Boolean(Reflect.get(process.features, 'typescript'));
    await expect(loadAgents(path, db)).rejects.toThrow(
      canRead ? /not an Agent/ : /reads no TypeScript .*22\.18 .*`npm install tsx`/,
    );
  });
});
