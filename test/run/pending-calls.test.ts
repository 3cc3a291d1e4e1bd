import {
  Agent,
  type AgentOutputItem,
  applyPatchTool,
  type Computer,
  computerTool,
  hostedMcpTool,
  shellTool,
  type Tool,
} from '@openai/agents-core';
import { assistantMessage, ScriptedModel } from '@openai/agents-core/testing';
import { expect, test } from 'vitest';
import type { PendingCall } from '../../src/wire/events.ts';
import { DATABASES } from '../support/databases.ts';
import { appOn, runsOn } from '../support/runs.ts';

const ignore = () => undefined;
const computer: Computer = {
  environment: 'browser',
  dimensions: [800, 600],
  screenshot: () => 'iVBORw0KGgo=',
  click: ignore,
  doubleClick: ignore,
  scroll: ignore,
  type: ignore,
  wait: ignore,
  move: ignore,
  keypress: ignore,
  drag: ignore,
};
const editor = {
  createFile: async () => undefined,
  updateFile: async () => undefined,
  deleteFile: async () => undefined,
};
const action = { commands: ['rm -r notes'] };
const operation = { type: 'delete_file' as const, path: 'notes.md' };
const actions = [{ type: 'click' as const, x: 1, y: 2, button: 'left' as const }];
const request = {
  id: 'mcpr_1',
  type: 'mcp_approval_request',
  name: 'delete_page',
  arguments: '{"page":"notes"}',
  server_label: 'wiki',
};

interface Kind {
  readonly kind: string;
  readonly gated: Tool;
  readonly call: AgentOutputItem;
  readonly shown: Omit<PendingCall, 'agent'>;
}

const KINDS: readonly Kind[] = [
  {
    kind: 'hosted MCP',
    gated: hostedMcpTool({
      serverLabel: 'wiki',
      serverUrl: 'https://wiki.example',
      requireApproval: 'always',
    }),
    call: {
      type: 'hosted_tool_call',
      id: 'mcpr_1',
      name: 'mcp_approval_request',
      status: 'completed',
      providerData: request,
    },
    shown: { call_id: 'mcpr_1', name: 'delete_page', arguments: request.arguments, server: 'wiki' },
  },
  {
    kind: 'shell',
    gated: shellTool({ shell: { run: async () => ({ output: [] }) }, needsApproval: true }),
    call: { type: 'shell_call', callId: 's', status: 'completed', action },
    shown: { call_id: 's', name: 'shell', arguments: JSON.stringify(action) },
  },
  {
    kind: 'patch',
    gated: applyPatchTool({ editor, needsApproval: true }),
    call: { type: 'apply_patch_call', callId: 'p', status: 'completed', operation },
    shown: { call_id: 'p', name: 'apply_patch', arguments: JSON.stringify(operation) },
  },
  {
    kind: 'computer',
    gated: computerTool({ computer, needsApproval: true }),
    call: { type: 'computer_call', callId: 'c', status: 'completed', actions },
    shown: { call_id: 'c', name: 'computer_use_preview', arguments: JSON.stringify(actions) },
  },
];

test.each(KINDS.flatMap((kind) => DATABASES.map(({ name, open }) => ({ ...kind, name, open }))))(
  'a $kind call that waits says what it is to do, and goes on when it is approved ($name)',
  async ({ gated, call, shown, open }) => {
    const db = await open();
    const model = new ScriptedModel([[call], [assistantMessage('Done.')]]);
    const runs = runsOn(db);
    const { ask, userId } = await appOn(runs, db, new Agent({ name: 'A', model, tools: [gated] }));
    const { run_id: runId, pending } = (await ask('POST', '/chat/run', { input: 'go' })).json();
    expect(pending).toEqual([{ ...shown, agent: 'A' }]);
    expect((await ask('GET', `/runs/${runId}`)).json()).toMatchObject({ pending });
    const decisions = [{ call_id: shown.call_id, approve: true }];
    expect((await ask('POST', `/runs/${runId}/approvals`, { decisions })).statusCode).toBe(202);
    const run = await runs.find(userId, runId);
    expect(await run.result()).toMatchObject({ final_output: 'Done.' });
  },
);
