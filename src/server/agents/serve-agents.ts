import type { FastifyInstance } from 'fastify';
import { agentListRouter } from '../../http/routes/agents.ts';
import { type AgentRouterOptions, createAgentRouter } from '../../http/routes/chat.ts';
import type { ChosenModel } from '../../models/model.ts';
import type { ChatAgent } from '../../run/types.ts';
import type { AgentSummary } from '../../wire/agents.ts';
import type { ServedAgent } from './served-agent.ts';

/** Mounts each agent at its path, the first at `/chat`, too, and lists them at `/agents`. */
export async function serveAgents(
  app: FastifyInstance,
  agents: readonly ServedAgent[],
  model: ChosenModel,
  common: Omit<AgentRouterOptions, 'agent' | 'prefix' | 'model'>,
): Promise<void> {
  const mount = ({ agent }: ServedAgent, prefix: string) =>
    app.register(createAgentRouter({ ...common, agent, prefix, model: modelOf(agent, model) }));
  for (const first of agents.slice(0, 1)) await mount(first, '/chat');
  for (const served of agents) await mount(served, served.path);
  const summaries = agents.map(
    ({ agent, path, title, description, suggestions }): AgentSummary => ({
      name: agent.name,
      path,
      title,
      description,
      suggestions: [...suggestions],
      model: modelOf(agent, model),
    }),
  );
  await app.register(agentListRouter, { ...common, prefix: '/agents', agents: summaries });
}

/** The model that answers for an agent: its own, the one that it names, or the server's. */
function modelOf({ model }: ChatAgent, chosen: ChosenModel): AgentSummary['model'] {
  if (typeof model === 'object' && model !== chosen.model) return { name: 'custom', offline: false };
  const named = typeof model === 'string' && model !== '' && !chosen.offline ? model : chosen.name;
  return { name: named, offline: chosen.offline };
}
