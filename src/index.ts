export type { Database } from './database/database.ts';
export { type OpenOptions, openDatabase } from './database/open.ts';
export type { DatabaseKind, Queryable, QueryResult, Statement, Transaction } from './driver/driver.ts';
export { migrate } from './driver/migrate.ts';
export { type ErrorCode, type FieldProblem, QuestlogError } from './errors.ts';
export type { DurableRunOptions, DurableRunResult } from './run/run-durably.ts';
export { runDurably } from './run-durably.ts';
export { DatabaseSession, type DatabaseSessionOptions } from './session/database-session.ts';
export { getChatCount } from './store/chats/chat-counts.ts';
export { type ChatCursor, getUserChats, type ListOptions } from './store/chats/chat-list.ts';
export {
  type Chat,
  type ChatWithConversation,
  createChat,
  createNewChatForUser,
  deleteChat,
  getChatById,
  hardDeleteChat,
  restoreChat,
  type UpdateOptions,
  updateChat,
} from './store/chats/chats.ts';
export type { ChatChanges, NewChat } from './store/chats/new-chat.ts';
