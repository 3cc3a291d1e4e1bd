export type { Bus, BusListener, OpenBus } from '../live/bus.ts';
export { busAt } from '../live/bus-at.ts';
export { Live, type LiveOptions } from '../live/live.ts';
export * from './parts.ts';
export { type AgentRouterOptions, createAgentRouter } from './routes/chat.ts';
export { type ChatStorageOptions, chatStorageRouter } from './routes/chats.ts';
export { type LiveRouterOptions, liveRouter } from './routes/live.ts';
export { type RunsRouterOptions, runsRouter } from './routes/runs.ts';
