import type { FastifyPluginAsync } from 'fastify';
import { AgentListResponse, type AgentSummary } from '../../wire/agents.ts';
import { problems, reply } from '../problem-schemas.ts';
import { prepareRouter, type RouterOptions } from '../router.ts';

export interface AgentListOptions extends RouterOptions {
  readonly agents: readonly AgentSummary[];
}

/** A plugin with the list of an app's agents; each of them has a router of its own. */
export const agentListRouter: FastifyPluginAsync<AgentListOptions> = async (fastify, options) => {
  prepareRouter(fastify, options).get(
    '/',
    {
      schema: {
        tags: ['agent'],
        operationId: 'listAgents',
        summary: 'List the agents',
        response: { 200: reply(AgentListResponse, 'The agents'), ...problems() },
      },
    },
    async (): Promise<AgentListResponse> => ({ agents: [...options.agents] }),
  );
};
