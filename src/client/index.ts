export type { FieldProblem } from '../errors.ts';
export type { AgentListResponse, AgentSummary } from '../wire/agents.ts';
export type { Alternative, AlternativeListResponse } from '../wire/alternatives.ts';
export type { ExportFormat, ImportReport } from '../wire/carry/carry.ts';
export type { AgentInfo, AgentRequest, AgentResponse } from '../wire/chat.ts';
export type {
  ChatCreate,
  ChatListResponse,
  ChatResponse,
  ChatSummary,
  ChatUpdate,
  Feedback,
  FeedbackRequest,
  Item,
  ItemPageResponse,
  ItemRange,
  PlacedItem,
  Point,
} from '../wire/chats.ts';
export type { PendingCall, RunEvent } from '../wire/events.ts';
export type { Signal } from '../wire/live.ts';
export type { ForkedFrom, ForkRequest } from '../wire/organise/organisation.ts';
export type { Problem } from '../wire/problem-schema.ts';
export type { ApprovalDecision, RunListResponse, RunResponse } from '../wire/runs.ts';
export type { Highlight, SearchResponse, SearchResult } from '../wire/search/search.ts';
export type { Usage } from '../wire/usage.ts';
export type { UsageEntry, UsageResponse, UsageSums } from '../wire/users/usage-report.ts';
export type { ErasureResponse, UserRetention } from '../wire/users/user-data.ts';
export type {
  CallOptions,
  ForkChatOptions,
  ListAlternativesOptions,
  ListChatsOptions,
  ListItemsOptions,
  RangeOptions,
  RateItemOptions,
  RunOptions,
  SearchChatsOptions,
} from './call-options.ts';
export { CarryClient, type ExportChatOptions, type ImportChatsOptions } from './carry/carry-client.ts';
export { type ClientOptions, QuestlogClient, type RunStream } from './client.ts';
export type { ConnectionOptions } from './connection.ts';
export { ApiError, type ApiErrorCode } from './errors.ts';
export { newId } from './ids.ts';
export { type LiveOptions, type LiveState, type LiveSubscription, subscribe } from './live.ts';
export type { FollowOptions, NumberedEvent } from './runs/follow.ts';
export type { UserData } from './users/user-data.ts';
export type { ReadUsageOptions, UserUsage } from './users/user-usage.ts';
