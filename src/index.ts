export type { ChatEntry, ChatSource, Entry } from './carry/entries.ts';
export { type ExportOptions, exportChats } from './carry/export-chats.ts';
export { type ImportOptions, importChats, type Owner } from './carry/import-chats.ts';
export { exportMarkdown } from './carry/markdown.ts';
export {
  type ReadChatsOptions,
  readChats,
  readTables,
  type TableFormat,
  type TextFormat,
} from './carry/read-chats.ts';
export type { TextSource } from './carry/read-text.ts';
export type { ImportReport } from './carry/report.ts';
export { inPostgres, inSqlite, type Tables } from './carry/sources/tables.ts';
export type { Database } from './database/database.ts';
export { type OpenOptions, openDatabase } from './database/open.ts';
export type { DatabaseKind, Queryable, QueryResult, Statement, Transaction } from './driver/driver.ts';
export { type MigrateOptions, migrate } from './driver/migrate.ts';
export type { CommandResult, ConnectionPool, PooledClient } from './driver/postgres/connection-pool.ts';
export { type ErrorCode, type FieldProblem, QuestlogError } from './errors.ts';
export type { DurableRunOptions, DurableRunResult } from './run/run-durably.ts';
export { runDurably } from './run-durably.ts';
export type { Embedder } from './search/meanings/embedder.ts';
export {
  type SearchCursor,
  type SearchOptions,
  type SearchResult,
  type SearchResults,
  searchChats,
} from './search/search-chats.ts';
export { SearchIndexer, type SearchIndexerOptions } from './search/search-indexer.ts';
export type { SearchSettings } from './search/search-settings.ts';
export type { ListAlternativesOptions } from './session/alternatives.ts';
export {
  type Compaction,
  type CompactionCall,
  type CompactionResult,
  type CompactionUsage,
  type CompactOptions,
  compactChat,
} from './session/compaction.ts';
export { compactAtOpenAI, keepWindow, type OpenAiCompactionOptions } from './session/compactions.ts';
export { DatabaseSession } from './session/database-session.ts';
export type { DatabaseSessionOptions } from './session/session-options.ts';
export { type SummaryOptions, summarizeWith } from './session/summary.ts';
export { getChatCount } from './store/chats/chat-counts.ts';
export type { ChatFilter, MetadataFilter } from './store/chats/chat-filter.ts';
export { type ChatCursor, getUserChats, type ListOptions } from './store/chats/chat-list.ts';
export {
  type Chat,
  type ChatWithConversation,
  deleteChat,
  getChatById,
  hardDeleteChat,
  restoreChat,
  type UpdateOptions,
  updateChat,
} from './store/chats/chats.ts';
export { createChat, createNewChatForUser } from './store/chats/create-chat.ts';
export { type ForkOptions, forkChat } from './store/chats/fork-chat.ts';
export type { ChatChanges, NewChat } from './store/chats/new-chat.ts';
export type { Metadata, Organisation } from './store/chats/organisation.ts';
export { type Feedback, rateItem } from './store/items/chat-items.ts';
export type { Alternative } from './store/items/read-alternatives.ts';
export type { Role } from './store/search/said.ts';
export type { Highlight, Snippet } from './store/search/snippet.ts';
export type { StemLanguage } from './store/search/stems.ts';
export {
  getUsage,
  type UsageEntry,
  type UsageKey,
  type UsageOptions,
  type UsageReport,
  type UsageSums,
} from './store/usage/get-usage.ts';
export type { DayLimits } from './store/usage/usage-days.ts';
export { deleteUserData, type RowCounts } from './store/users/delete-user-data.ts';
export { type Purged, type PurgeOptions, purge } from './store/users/purge.ts';
export { readUserData } from './store/users/read-user-data.ts';
export {
  getUserRetention,
  type Retention,
  setChatExpiry,
  setUserRetention,
} from './store/users/retention.ts';
