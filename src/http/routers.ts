import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { Database } from '../database/database.ts';
import type { Runs } from '../run/runs.ts';
import type { SearchSettings } from '../search/search-settings.ts';
import type { ServedAgent } from './agents/read-agents.ts';
import { serveAgents } from './agents/serve-agents.ts';
import type { StreamOptions } from './replies/event-stream.ts';
import { answerParserError } from './replies/raw-problem.ts';
import { type RouterOptions, sendProblem } from './router.ts';
import { chatStorageRouter } from './routes/chats/chats.ts';
import { runsRouter } from './routes/runs.ts';
import { usageRouter } from './routes/users/usage.ts';
import { userRouter } from './routes/users/user.ts';

/** What is served, and to whom. */
export interface RoutersOptions extends RouterOptions, StreamOptions {
  readonly db: Database;
  readonly runs: Runs;
  readonly agents: readonly ServedAgent[];
  readonly maxItemBytes?: number | undefined;
  readonly search?: SearchSettings | undefined;
}

/** How an app of ours reads URLs, and answers what reaches no route and no error handler. */
export const APP_OPTIONS = {
  routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_000 },
  clientErrorHandler: answerParserError,
  frameworkErrors: (error, request, reply) => {
    void sendProblem(error, request, reply);
  },
} satisfies FastifyServerOptions;

/** Registers the routers of chats, runs, users and agents, each at its place. */
export async function serveRouters(
  app: FastifyInstance,
  { agents, ...common }: RoutersOptions,
): Promise<void> {
  await app.register(chatStorageRouter, { prefix: '/chats', ...common });
  await app.register(runsRouter, { prefix: '/runs', ...common });
  await app.register(userRouter, { prefix: '/user', ...common });
  await app.register(usageRouter, { prefix: '/usage', ...common });
  await serveAgents(app, agents, common);
}
