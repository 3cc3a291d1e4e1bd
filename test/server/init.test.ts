import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agentsFolder, startCli, startCliServer } from '../support/server.ts';

const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

test('questlog init makes a folder whose agent answers, and asks before it acts; a second time it refuses', {
  timeout: 240_000,
}, async () => {
  const cwd = agentsFolder({ 'other.js': '' });
  const made = startCli({}, { cwd, args: ['init', 'My Agent'] });
  expect(await made.exited).toEqual({ code: 0, signal: null });
  const folder = join(cwd, 'My Agent');
  expect(manifestOf(folder)).toMatchObject({ name: 'my-agent', type: 'module' });
  expect(readFileSync(join(folder, 'README.md'), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(
    10,
  );

  const again = startCli({}, { cwd, args: ['init', 'My Agent'] });
  expect(await again.exited).toEqual({ code: 2, signal: null });
  expect(again.output()).toMatch(/^questlog: the folder My Agent is there already, and not empty\n$/);

  const server = await startCliServer({}, { cwd: folder, args: ['serve', './agents.ts'] });
  const run = async (input: string) =>
    (await server.ask('POST', '/chat/run', { input, session_id: input })).json();
  const { agents } = (await (await server.ask('GET', '/agents')).json()) as {
    agents: { suggestions: string[] }[];
  };
  const [lookUp = '', refund = ''] = agents[0]?.suggestions ?? [];
  expect(await run(lookUp)).toMatchObject({ final_output: 'look_up_order gave: Order 42 is on its way.' });
  expect(await run(refund)).toMatchObject({ pending: [{ name: 'refund' }] });
});

test('a folder that cannot be made is one clear line', async () => {
  for (const folder of ['/dev/null', '/proc/of/ours', '']) {
    const program = startCli({}, { args: ['init', folder] });
    expect(await program.exited, folder).toEqual({ code: 2, signal: null });
    expect(program.output(), folder).toMatch(
      /^questlog: (the folder \S+ cannot be made: E[^\n]+|usage: questlog init \[--json\] FOLDER)\n$/,
    );
  }
});

test('it asks npm for the versions that the server package is made for', async () => {
  const cwd = agentsFolder({});
  await startCli({}, { cwd, args: ['init', 'x'] }).exited;
  const root = (path: string) => manifestOf(new URL(path, new URL('../../', import.meta.url)).pathname);
  const { version, dependencies } = root('packages/server');
  expect(manifestOf(join(cwd, 'x')).dependencies).toEqual({
    '@openai/agents': dependencies['@openai/agents-core'],
    'questlog-server': `^${version}`,
    tsx: '^4.20.0',
    zod: dependencies.zod,
  });
});
