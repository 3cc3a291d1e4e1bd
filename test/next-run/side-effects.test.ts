import {
  Agent,
  applyPatchTool,
  type Computer,
  computerTool,
  hostedMcpTool,
  shellTool,
  type Tool,
} from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { DATABASES } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { runsOn, strictModel, Talk } from '../support/runs.ts';
import type { ApiItem } from '../support/strict/responses-faults.ts';
import { APIS, lastAsked, talkTo } from './stage.ts';

/** Says that it has begun, and never ends. */
function hanging(begin: () => void): () => Promise<never> {
  return () => {
    begin();
    return new Promise(() => undefined);
  };
}

/** A tool of each kind that hangs once it has begun, and the call of it. */
const HANGING: Readonly<Record<string, (begin: () => void) => { tool: Tool; call: object }>> = {
  shell: (begin) => ({
    tool: shellTool({ shell: { run: hanging(begin) } }),
    call: {
      type: 'shell_call',
      id: 'sh_1',
      call_id: 'c',
      status: 'completed',
      action: { commands: ['rm -r /tmp/x'], timeout_ms: null, max_output_length: null },
    },
  }),
  patch: (begin) => {
    const hang = hanging(begin);
    return {
      tool: applyPatchTool({ editor: { createFile: hang, updateFile: hang, deleteFile: hang } }),
      call: {
        type: 'apply_patch_call',
        id: 'apc_1',
        call_id: 'c',
        status: 'completed',
        operation: { type: 'delete_file', path: 'a' },
      },
    };
  },
  computer: (begin) => {
    const hang = hanging(begin);
    const computer = {
      environment: 'browser',
      dimensions: [1, 1],
      ...Object.fromEntries(
        ['screenshot', 'click', 'doubleClick', 'drag', 'keypress', 'move', 'scroll', 'type', 'wait'].map(
          (name) => [name, hang],
        ),
      ),
    } as unknown as Computer;
    return {
      tool: computerTool({ computer }),
      call: {
        type: 'computer_call',
        id: 'cu_1',
        call_id: 'c',
        status: 'completed',
        pending_safety_checks: [],
        action: { type: 'click', x: 1, y: 1, button: 'left' },
      },
    };
  },
};

describe.each(DATABASES)('what a run was doing when it ended ($name)', ({ open }) => {
  test.each(Object.keys(HANGING))(
    'is told to the next model, when a %s call was on its way',
    async (kind) => {
      const db = await open();
      const begun = createGate();
      const { tool, call } = HANGING[kind]?.(begun.open) ?? expect.unreachable();
      const script = (input: readonly ApiItem[]) =>
        JSON.stringify(input).includes('thanks') ? { text: 'I see.' } : { reasoning: 'hm', raw: [call] };
      const { api, model } = await strictModel(script);
      const agent = new Agent({ name: 'A', model, tools: [tool] });
      const runs = runsOn(db);
      const talk = new Talk(db, runs);
      const run = await talk.start(agent, 'go');
      await Promise.race([begun.opened, run.result()]);
      await runs.cancel(talk.userId, run.runId);
      await expect(run.result()).rejects.toMatchObject({ code: 'run_cancelled' });
      expect(await talk.say(agent, 'thanks')).toMatchObject({ final_output: 'I see.' });
      expect(lastAsked(api)).toContain('Whether it had an effect is not known');
      expect(api.refusals).toEqual([]);
    },
  );

  test.each(APIS)('is not said to have been executed, when there is no such tool (%s)', async (api) => {
    const { say, api: provider } = await talkTo(
      await open(),
      (input) =>
        JSON.stringify(input).includes('thanks')
          ? { text: 'I see.' }
          : { calls: [{ name: 'fly', args: {} }] },
      { api },
    );
    expect((await say('go')).statusCode).toBe(502);
    expect((await say('thanks')).json()).toMatchObject({ final_output: 'I see.' });
    expect(lastAsked(provider)).toContain('Not executed');
    expect(lastAsked(provider)).not.toContain('Interrupted');
  });

  test.each(['reject', 'cancel'])('was an approval of a hosted tool that is given up by %s', async (how) => {
    const db = await open();
    const request = {
      type: 'mcp_approval_request',
      id: 'mcpr_1',
      name: 'sell',
      arguments: '{"what":"ring"}',
      server_label: 'shop',
    };
    const script = (input: readonly ApiItem[]) =>
      JSON.stringify(input).includes('thanks') ? { text: 'I see.' } : { reasoning: 'hm', raw: [request] };
    const { api, model } = await strictModel(script);
    const tool = hostedMcpTool({
      serverLabel: 'shop',
      serverUrl: 'http://127.0.0.1:9/',
      requireApproval: 'always',
    });
    const agent = new Agent({ name: 'A', model, tools: [tool] });
    const runs = runsOn(db);
    const talk = new Talk(db, runs);
    const run = await talk.start(agent, 'go');
    expect(await run.result()).toMatchObject({
      pending: [{ call_id: 'mcpr_1', arguments: '{"what":"ring"}' }],
    });
    if (how === 'cancel') await runs.cancel(talk.userId, run.runId);
    const more = how === 'reject' ? { pending: 'reject' as const } : {};
    for (const turn of ['thanks', 'thanks again']) {
      expect(await talk.say(agent, turn, more)).toMatchObject({ final_output: 'I see.' });
    }
    expect(lastAsked(api)).toContain('"approve":false');
    expect(api.refusals).toEqual([]);
  });
});
