import { type Agent, Handoff, RunContext, type Tool } from '@openai/agents-core';
import { answers } from '../../run/model-calls/tool-servers.ts';
import type { ChatAgent } from '../../run/types.ts';
import type { Accepts } from '../../wire/agents.ts';
import type { AgentInfo } from '../../wire/chat.ts';

interface Described {
  readonly agent: ChatAgent;
  readonly agentName?: string | undefined;
  readonly model?: { readonly name: string; readonly offline: boolean } | undefined;
  readonly accepts?: Accepts | undefined;
}

/** What the APIs take; what a model of theirs takes is known to who serves it. */
export const ACCEPTS_ALL: Accepts = { images: true, files: true };

/** How long a tool server may take to say which tools it has. */
const TOOLS_TIMEOUT_MS = 2_000;

/** What `GET /chat/info` says of an agent. Tools of servers that cannot be reached are left out. */
export async function describeAgent(
  { agent, agentName, model, accepts }: Described,
  prefix: string,
): Promise<AgentInfo> {
  return {
    name: agentName ?? agent.name,
    instructions: typeof agent.instructions === 'string' ? agent.instructions : null,
    model: model ?? describeModel(agent),
    accepts: accepts ?? ACCEPTS_ALL,
    tools: [...agent.tools, ...(await getServerTools(agent))].map((tool) => ({
      name: tool.name,
      description: 'description' in tool && typeof tool.description === 'string' ? tool.description : '',
    })),
    handoffs: agent.handoffs.map(describeHandoff),
    endpoints: { run: `${prefix}/run`, stream: `${prefix}/stream`, info: `${prefix}/info` },
    session: { enabled: true, storage: 'postgresql' },
  };
}

async function getServerTools(agent: ChatAgent): Promise<Tool[]> {
  const asked = agent.mcpServers.map(async (server) =>
    (await answers(server, TOOLS_TIMEOUT_MS)) ? [server] : [],
  );
  const mcpServers = (await Promise.all(asked)).flat();
  return agent
    .clone({ mcpServers })
    .getMcpTools(new RunContext())
    .catch(() => []);
}

/** As the agent says by itself. */
export function describeModel({ model }: ChatAgent): AgentInfo['model'] {
  const name = typeof model === 'string' ? model || 'default' : 'custom';
  return { name, offline: false };
}

function describeHandoff(target: unknown): { name: string; description: string } {
  if (target instanceof Handoff) return { name: target.agentName, description: target.toolDescription };
  const agent = target as Pick<Agent, 'name' | 'handoffDescription'>;
  return { name: agent.name, description: agent.handoffDescription };
}
