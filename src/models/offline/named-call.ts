import type { Abilities, Conversation, Reply } from './conversation.ts';

/** `Call refund {"order":"42"}`: a tool by its name, its arguments after it. */
const CALL = /^\W*call\s+([\w.-]+)\s*(\{[\s\S]*\})?\s*$/i;

/** Calls the tool that the user names, once in a turn, and tells what it gave: so that any agent can be tried. */
export function callByName({ question, results }: Conversation, { tools }: Abilities): Reply | undefined {
  const [, tool = '', json = '{}'] = CALL.exec(question) ?? [];
  const result = results.find((candidate) => candidate.tool === tool);
  if (result !== undefined) return { text: `${tool} gave: ${result.text}` };
  if (!tools.includes(tool)) return undefined;
  const input = parseObject(json);
  return input === undefined
    ? { text: `What stands after ${tool} is no JSON.` }
    : { calls: [{ tool, input }] };
}

function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
