import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Program } from '../support/process.ts';
import { agentsFolder, startCliServer } from '../support/server.ts';
import { startStrictOpenAi } from '../support/strict/strict-openai.ts';

const named = (name: string) =>
  `import { Agent } from '@openai/agents-core'; export default new Agent({ name: '${name}' });`;

/** Where it listens since it was last started. */
function urlOf(program: Program): string {
  const urls = program.lines().flatMap((line) => line.match(/listens on (\S+)/)?.[1] ?? []);
  return urls.at(-1) ?? '';
}

test('questlog dev serves a module, and starts anew when it changes: what streams is ended and told so', async () => {
  const model = await startStrictOpenAi(() => ({ text: 'An answer that waits for ever', hangAfter: 2 }));
  const cwd = agentsFolder({ 'agents.mjs': `import name from './name.mjs'; ${named("' + name + '")}` });
  writeFileSync(join(cwd, 'name.mjs'), `export default 'One';`);
  const env = {
    QUESTLOG_DATA_DIR: './data',
    QUESTLOG_SHUTDOWN: '0',
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API: 'responses',
  };
  const server = await startCliServer(env, { cwd, args: ['dev', './agents.mjs'] });
  // Its watcher outlives one that is killed.
  onTestFinished(async () => {
    await server.program.kill('SIGTERM');
  });
  expect(server.program.lines()).toContain('  agents          One (/agents/one)');
  const streamed = await server.ask('POST', '/agents/one/stream', { input: 'Hi', session_id: 'c' });
  const runId = streamed.headers.get('x-run-id');

  writeFileSync(join(cwd, 'name.mjs'), `export default 'Two';`);
  expect(await streamed.text()).toContain('"code":"run_interrupted"');
  await server.program.line(/Two \(\/agents\/two\)/);
  const again = (path: string) => fetch(`${urlOf(server.program)}${path}`);
  await expect
    .poll(async () => (await again(`/runs/${runId}`)).json())
    .toMatchObject({ status: 'interrupted' });

  writeFileSync(join(cwd, 'name.mjs'), 'export default {{');
  await expect.poll(() => server.program.output()).toContain('(name.mjs:1)');
  writeFileSync(join(cwd, 'name.mjs'), `export default 'Three';`);
  await server.program.line(/Three \(\/agents\/three\)/);
  const last = await fetch(`${urlOf(server.program)}/agents/three/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input: 'Hi' }),
  });
  const [exit, text] = await Promise.all([server.program.kill('SIGINT'), last.text()]);
  expect(exit).toEqual({ code: 0, signal: null });
  expect(text).toContain('"code":"run_interrupted"');
}, 240_000);
