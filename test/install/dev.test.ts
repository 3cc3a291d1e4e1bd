import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Program } from '../support/process.ts';
import { agentsFolder, startCli, startCliServer } from '../support/server.ts';
import { startStrictOpenAi } from '../support/strict/strict-openai.ts';

const named = (name: string) =>
  `import { Agent } from '@openai/agents-core'; export default new Agent({ name: '${name}' });`;

/** Each start is that of a whole server. */
const SLOW = { timeout: 480_000 };

/** As many editors do: what is half written has another name. */
function saveByRename(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** Where it listens since it was last started. */
function urlOf(program: Program): string {
  const urls = program.lines().flatMap((line) => line.match(/listens on (\S+)/)?.[1] ?? []);
  return urls.at(-1) ?? '';
}

test(
  'questlog dev serves a module, and starts anew when it changes: what streams is ended and told so',
  SLOW,
  async () => {
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
  },
);

test('it starts anew with every save by rename, of the module and of what it imports', SLOW, async () => {
  const cwd = agentsFolder({ 'agents.mjs': `import name from './name.mjs'; ${named("' + name + '")}` });
  const [module, imported] = [join(cwd, 'agents.mjs'), join(cwd, 'name.mjs')];
  writeFileSync(imported, `export default 'A0';`);
  const { program } = await startCliServer({}, { cwd, args: ['dev', './agents.mjs'] });
  const saves: [file: string, text: string][] = [
    [imported, `export default 'A1';`],
    [imported, `export default 'A2';`],
    [imported, `export default 'A3';`],
    [module, named('A4')],
    [module, named('A5')],
  ];
  for (const [index, [file, text]] of saves.entries()) {
    saveByRename(file, text);
    await program.line(new RegExp(`agents  .* A${index + 1} `));
  }
  expect(program.lines().filter((line) => line.startsWith('Questlog listens'))).toHaveLength(6);
  expect(await program.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});

test(
  'what ends a server before the module is read ends it, too; a wrong module waits for its change',
  SLOW,
  async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const cwd = agentsFolder({ 'agents.mjs': 'export default 1' });
    const args = ['dev', './agents.mjs'];
    const inUse = startCli({ PORT: String(port) }, { cwd, args });
    expect(await inUse.exited).toEqual({ code: 2, signal: null });
    expect(inUse.output()).toMatch(
      /^questlog: port \d+ on 127\.0\.0\.1 is in use: set PORT to another one\n$/,
    );
    taken.close();

    const waiting = startCli({}, { cwd, args });
    await expect.poll(() => waiting.output()).toMatch(/not an Agent.*\n.*starts again with the next change/);
    expect(await waiting.kill('SIGINT')).toEqual({ code: 2, signal: null });
  },
);
