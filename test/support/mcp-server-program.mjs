// An MCP server on stdin and stdout with one tool, `hello`; it exits when its tool is asked to, or when FAILS exists.
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [failsWhen] = process.argv.slice(2);
if (failsWhen !== undefined && existsSync(failsWhen)) process.exit(1);

const hello = {
  name: 'hello',
  description: 'Greets',
  inputSchema: { type: 'object', properties: { exits: { type: 'boolean' } } },
};

function answer(method, params) {
  if (method === 'initialize') {
    const { protocolVersion } = params;
    return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'hello', version: '1.0.0' } };
  }
  if (method === 'tools/list') return { tools: [hello] };
  if (method !== 'tools/call') return undefined;
  if (params.arguments.exits) process.exit(0);
  return { content: [{ type: 'text', text: 'Hello.' }] };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const result = answer(method, params);
  const reply = result ? { result } : { error: { code: -32601, message: 'Method not found' } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...reply })}\n`);
}
