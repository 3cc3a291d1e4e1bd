import { describe, expect, test } from 'vitest';
import { createPostgresDatabase, newPGliteFolder } from '../support/databases.ts';
import { agentsFolder, startCli, startCliServer } from '../support/server.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 120_000 };

const TWO = `
  import { Agent, tool } from '@openai/agents-core';
  import { z } from 'zod';

  const refund = tool({
    name: 'refund',
    description: 'Refunds an order',
    parameters: z.object({ order: z.string() }),
    needsApproval: true,
    execute: async ({ order }) => 'refunded ' + order,
  });

  export default async ({ db }) => [
    { agent: new Agent({ name: 'Support', instructions: db.kind, tools: [refund] }), title: 'Shop', suggestions: ['Hi'] },
    new Agent({ name: 'Café No. 2' }),
  ];`;

describe.each([
  ['PGlite', async () => ({ QUESTLOG_DATA_DIR: newPGliteFolder() })],
  ['PostgreSQL', async () => ({ DATABASE_URL: await createPostgresDatabase() })],
] as const)('questlog serve ./agents.mjs on %s', (_name, databaseOf) => {
  test(
    'serves each agent at its name, the first at /chat, too, and goes on with what one of them waits for after a restart',
    SLOW,
    async () => {
      const env = await databaseOf();
      const cwd = agentsFolder({ 'agents.mjs': TWO });
      const started = { cwd, args: ['serve', './agents.mjs'] };
      const server = await startCliServer(env, started);
      expect(server.program.lines()).toContain(
        '  agents          Support (/agents/support), Café No. 2 (/agents/cafe-no-2)',
      );
      expect(await (await server.ask('GET', '/agents/Support/info')).json()).toMatchObject({
        code: 'not_found',
        detail:
          'there is nothing here; the agents are at /agents/support, /agents/cafe-no-2; the routes are listed at /docs',
      });
      const model = { name: 'offline', offline: true };
      const accepts = { images: false, files: false };
      expect(await (await server.ask('GET', '/agents')).json()).toEqual({
        agents: [
          {
            name: 'Support',
            path: '/agents/support',
            title: 'Shop',
            description: null,
            suggestions: ['Hi'],
            model,
            accepts,
          },
          {
            name: 'Café No. 2',
            path: '/agents/cafe-no-2',
            title: 'Café No. 2',
            description: null,
            suggestions: [],
            model,
            accepts,
          },
        ],
      });
      const info = async (path: string) => (await (await server.ask('GET', `${path}/info`)).json()) as object;
      const kind = 'DATABASE_URL' in env ? 'postgres' : 'pglite';
      expect(await info('/agents/support')).toMatchObject({ name: 'Support', instructions: kind, model });
      expect(await info('/chat')).toMatchObject({ name: 'Support', endpoints: { run: '/chat/run' } });
      expect(await info('/agents/cafe-no-2')).toMatchObject({ name: 'Café No. 2' });
      const call = { input: 'Call refund {"order":"42"}', session_id: 'c' };
      const paused = (await (await server.ask('POST', '/agents/support/run', call)).json()) as {
        run_id: string;
        pending: { call_id: string }[];
      };
      expect(paused.pending).toMatchObject([{ name: 'refund', agent: 'Support' }]);
      await server.program.kill('SIGTERM');

      const again = await startCliServer(env, started);
      const decisions = paused.pending.map(({ call_id }) => ({ call_id, approve: true }));
      const decided = await again.ask('POST', `/runs/${paused.run_id}/approvals`, { decisions });
      expect(decided.status).toBe(202);
      const run = async () => (await again.ask('GET', `/runs/${paused.run_id}`)).json();
      await expect
        .poll(run)
        .toMatchObject({ status: 'completed', agent: 'Support', final_output: /refunded 42/ });
    },
  );
});

test('QUESTLOG_AGENTS names the module, too, and an argument goes before it', SLOW, async () => {
  const cwd = agentsFolder({
    'one.js': `import { Agent } from '@openai/agents-core'; export default new Agent({ name: 'One' });`,
    'two.ts': `import { Agent } from '@openai/agents-core'; const name: string = 'Two'; export default new Agent({ name });`,
  });
  const first = await startCliServer({ QUESTLOG_AGENTS: 'one.js' }, { cwd });
  expect(first.program.lines()).toContain('  agents          One (/agents/one)');
  const second = await startCliServer({ QUESTLOG_AGENTS: 'one.js' }, { cwd, args: ['serve', 'two.ts'] });
  expect(second.program.lines()).toContain('  agents          Two (/agents/two)');
});

test('a module that cannot be served ends the start with one line that names it', SLOW, async () => {
  const cwd = agentsFolder({ 'agents.mjs': 'const a = 1;\n\nexport default {{' });
  const program = startCli({}, { cwd, args: ['serve', './agents.mjs'] });
  expect(await program.exited).toEqual({ code: 2, signal: null });
  expect(program.output()).toBe(
    "questlog: the agents of ./agents.mjs: SyntaxError: Unexpected token '{' (agents.mjs:3)\n",
  );
});
