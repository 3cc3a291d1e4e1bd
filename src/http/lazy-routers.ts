import type { FastifyPluginAsync } from 'fastify';
import { explainMissing } from '../errors.ts';
import type { AgentRouterOptions } from './routes/chat.ts';

/** `chatStorageRouter` of `routes/chats/chats.ts`: the conversations of a user. */
export const chatStorageRouter = lazily(
  async () => (await import('./routes/chats/chats.ts')).chatStorageRouter,
);

/** `runsRouter` of `routes/runs.ts`: the state and the events of runs, cancel and approvals. */
export const runsRouter = lazily(async () => (await import('./routes/runs.ts')).runsRouter);

/** `userRouter` of `routes/users/user.ts`: all that is stored of a user, to take along and to remove. */
export const userRouter = lazily(async () => (await import('./routes/users/user.ts')).userRouter);

/** `usageRouter` of `routes/users/usage.ts`: what a user has used of models. */
export const usageRouter = lazily(async () => (await import('./routes/users/usage.ts')).usageRouter);

/** `liveRouter` of `routes/live.ts`: the WebSocket that tells a user's clients what changes. */
export const liveRouter = lazily(async () => (await import('./routes/live.ts')).liveRouter);

/** `createAgentRouter` of `routes/chat.ts`: `run`, `stream` and `info` of an agent. */
export function createAgentRouter(options: AgentRouterOptions): FastifyPluginAsync {
  return lazily(async () => (await import('./routes/chat.ts')).createAgentRouter(options));
}

/** A router that is loaded when it is registered: where TypeBox is missing, a sentence says so. */
function lazily<Options extends object>(
  load: () => Promise<FastifyPluginAsync<Options>>,
): FastifyPluginAsync<Options> {
  return async (app, options) => (await load().catch(explainMissing('typebox')))(app, options);
}
