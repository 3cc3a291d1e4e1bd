import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, MCPServerStdio } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DATABASES } from '../support/databases.ts';
import { appOn, runsOn, Talk } from '../support/runs.ts';

const PROGRAM = fileURLToPath(new URL('../support/mcp-server-program.mjs', import.meta.url));

const hello = (callId: string, args: object = {}) => [functionCall('hello', { ...args }, { callId })];
const done = [assistantMessage('Done.')];

/** An agent with a tool of an MCP server, and a way to keep that server from starting. */
async function stage(open: (typeof DATABASES)[number]['open'], answers: object[][], cacheToolsList: boolean) {
  const folder = await mkdtemp(join(tmpdir(), 'questlog-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const stopper = join(folder, 'stop');
  const server = new MCPServerStdio({
    command: process.execPath,
    args: [PROGRAM, stopper],
    name: 'hello',
    cacheToolsList,
  });
  onTestFinished(() => server.close());
  const model = new ScriptedModel(answers as ConstructorParameters<typeof ScriptedModel>[0]);
  const agent = new Agent({ name: 'A', model, mcpServers: [server] });
  const db = await open();
  const runs = runsOn(db);
  return {
    db,
    runs,
    talk: new Talk(db, runs),
    server,
    agent,
    refuseToStart: () => writeFile(stopper, ''),
    start: () => rm(stopper, { force: true }),
  };
}

describe.each(DATABASES)('the MCP server of an agent ($name)', ({ open }) => {
  test.each([false, true])(
    'is connected again when it has exited (its tools are cached: %s)',
    async (cached) => {
      const answers = [hello('a', { exits: true }), done, hello('b'), done];
      const { talk, agent, server } = await stage(open, answers, cached);
      await server.connect();
      expect(await talk.say(agent, 'go')).toMatchObject({ final_output: 'Done.' });
      expect(await talk.say(agent, 'again')).toMatchObject({ final_output: 'Done.' });
      expect(JSON.stringify((await talk.history()).at(-2))).toContain('Hello.');
    },
  );

  test('that cannot be reached ends the run with tools_unavailable, and the next one tries again', async () => {
    const { talk, agent, refuseToStart, start } = await stage(open, [hello('a'), done], false);
    await refuseToStart();
    expect(await talk.say(agent, 'go')).toMatchObject({ code: 'tools_unavailable' });
    await start();
    expect(await talk.say(agent, 'again')).toMatchObject({ final_output: 'Done.' });
  });

  test('that cannot be reached leaves a run waiting that is to go on, until it can', async () => {
    const { runs, talk, agent, server, refuseToStart, start } = await stage(open, [hello('a'), done], false);
    await server.connect();
    const needsApproval = async () => true;
    const { getAllTools } = agent;
    agent.getAllTools = async (...args) =>
      (await getAllTools.apply(agent, args)).map((tool) => Object.assign(tool, { needsApproval }));
    const run = await talk.start(agent, 'go');
    expect(await run.result()).toMatchObject({ type: 'approval_required' });
    await refuseToStart();
    await server.close();
    const approve = () => runs.decide(talk.userId, run.runId, [{ call_id: 'a', approve: true }]);
    await expect(approve()).rejects.toMatchObject({ code: 'tools_unavailable' });
    expect(await runs.get(talk.userId, run.runId)).toMatchObject({ status: 'awaiting_approval' });
    await start();
    expect(await (await approve()).result()).toMatchObject({ final_output: 'Done.' });
  });

  test('has its tools in the info of the agent, which does without those that cannot be reached', async () => {
    const { db, runs, agent, server, refuseToStart } = await stage(open, [], false);
    await server.connect();
    const { ask } = await appOn(runs, db, agent);
    const tools = async () => (await ask('GET', '/chat/info')).json().tools;
    expect(await tools()).toEqual([{ name: 'hello', description: 'Greets' }]);
    await refuseToStart();
    await server.close();
    expect(await tools()).toEqual([]);
  });
});
