import type { FunctionTool, Tool } from '@openai/agents-core';
import { TOOLS, trace } from '../../channels.ts';

/** Of a tool's function that tells of its execution already. */
const IS_TRACED = Symbol('questlog.isTraced');

/**
 * Has the tools tell when they are executed, while somebody listens. The function of a tool is replaced and not the tool: the
 * SDK knows of each what it does not say.
 */
export async function traceTools(listed: Promise<Tool[]>): Promise<Tool[]> {
  const tools = await listed;
  if (!TOOLS.hasSubscribers) return tools;
  for (const tool of tools) if (tool.type === 'function') traceTool(tool);
  return tools;
}

function traceTool(tool: FunctionTool): void {
  const { invoke, name } = tool;
  if (IS_TRACED in invoke) return;
  const traced: FunctionTool['invoke'] = (...args) =>
    trace(
      TOOLS,
      () => ({ tool: name }),
      () => invoke.apply(tool, args),
    );
  // One that is frozen stays as it is.
  Reflect.set(tool, 'invoke', Object.assign(traced, { [IS_TRACED]: true }));
}
