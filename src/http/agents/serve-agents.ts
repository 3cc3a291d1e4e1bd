import type { FastifyInstance } from 'fastify';
import type { AgentSummary } from '../../wire/agents.ts';
import { ACCEPTS_ALL, describeModel } from '../replies/agent-info.ts';
import { agentListRouter } from '../routes/agents.ts';
import { type AgentRouterOptions, createAgentRouter } from '../routes/chat.ts';
import type { ServedAgent } from './read-agents.ts';

/** Mounts each agent at its path, the first at `/chat`, too, and lists them at `/agents`. */
export async function serveAgents(
  app: FastifyInstance,
  agents: readonly ServedAgent[],
  common: Omit<AgentRouterOptions, 'agent' | 'prefix' | 'model' | 'accepts'>,
): Promise<void> {
  const mount = ({ agent, model, accepts }: ServedAgent, prefix: string) =>
    app.register(createAgentRouter({ ...common, agent, prefix, model, accepts }));
  for (const first of agents.slice(0, 1)) await mount(first, '/chat');
  for (const served of agents) await mount(served, served.path);
  await app.register(agentListRouter, {
    ...common,
    prefix: '/agents',
    agents: agents.map(toSummary),
  });
}

function toSummary(served: ServedAgent): AgentSummary {
  const { agent, path, title, description, suggestions, model, accepts } = served;
  return {
    name: agent.name,
    path,
    title,
    description,
    suggestions: [...suggestions],
    model: model ?? describeModel(agent),
    accepts: accepts ?? ACCEPTS_ALL,
  };
}
