export type { Bus, BusListener, OpenBus } from '../live/bus.ts';
export { busAt } from '../live/bus-at.ts';
export { Live, type LiveOptions } from '../live/live.ts';
export {
  chatStorageRouter,
  createAgentRouter,
  liveRouter,
  runsRouter,
  usageRouter,
  userRouter,
} from './lazy-routers.ts';
export * from './parts.ts';
export type { AgentRouterOptions } from './routes/chat.ts';
export type { ChatStorageOptions } from './routes/chats/chats.ts';
export type { LiveRouterOptions } from './routes/live.ts';
export type { RunsRouterOptions } from './routes/runs.ts';
export type { UserRouterOptions } from './routes/users/user.ts';
