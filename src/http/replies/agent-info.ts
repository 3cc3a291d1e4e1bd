import { type Agent, Handoff } from '@openai/agents-core';
import type { ChatAgent } from '../../run/types.ts';
import type { AgentInfo } from '../../wire/chat.ts';

interface Described {
  readonly agent: ChatAgent;
  readonly agentName?: string | undefined;
  readonly model?: { readonly name: string; readonly offline: boolean } | undefined;
}

/** What `GET /chat/info` says of an agent. */
export function describeAgent({ agent, agentName, model }: Described, prefix: string): AgentInfo {
  return {
    name: agentName ?? agent.name,
    instructions: typeof agent.instructions === 'string' ? agent.instructions : null,
    model: model ?? { name: modelName(agent), offline: false },
    tools: agent.tools.map((tool) => ({
      name: tool.name,
      description: 'description' in tool && typeof tool.description === 'string' ? tool.description : '',
    })),
    handoffs: agent.handoffs.map(describeHandoff),
    endpoints: { run: `${prefix}/run`, stream: `${prefix}/stream`, info: `${prefix}/info` },
    session: { enabled: true, storage: 'postgresql' },
  };
}

function modelName({ model }: ChatAgent): string {
  if (typeof model === 'string') return model === '' ? 'default' : model;
  return 'custom';
}

function describeHandoff(target: unknown): { name: string; description: string } {
  if (target instanceof Handoff) return { name: target.agentName, description: target.toolDescription };
  const agent = target as Pick<Agent, 'name' | 'handoffDescription'>;
  return { name: agent.name, description: agent.handoffDescription };
}
