export type { HistoryWindow } from '../run/history-view.ts';
export { Runs, type RunsOptions } from '../run/runs.ts';
export type { Authenticate, AuthRequest, User } from './auth/authenticate.ts';
export { localUser } from './auth/local.ts';
export { createStackAuth, type StackAuthOptions } from './auth/stack.ts';
export { type AgentRouterOptions, createAgentRouter } from './routes/chat.ts';
export { type ChatStorageOptions, chatStorageRouter } from './routes/chats.ts';
export { type RunsRouterOptions, runsRouter } from './routes/runs.ts';
