import { createHash } from 'node:crypto';
import { type Database, mustBeDatabase } from '../database/database.ts';
import { sqlstateOf } from '../driver/sqlstate.ts';
import { QuestlogError } from '../errors.ts';
import { assertChatId, assertId } from '../ids.ts';
import { checkOptions, isAnything } from '../options.ts';
import { type ChatColumn, getChatColumns } from '../store/carry/chat-columns.ts';
import { type ChatKey, findChat } from '../store/carry/write-chat.ts';
import { ChatReader, pull, Skipped } from './chat-reader.ts';
import { checkRow } from './check-entries.ts';
import type { ChatEntry, ChatSource, Entry } from './entries.ts';
import { type ImportReport, Report } from './report.ts';
import { writeChat } from './write-entries.ts';

/** How chats are imported. */
export interface ImportOptions {
  /** Does all that an import does, and takes each chat back: the report says what would be imported. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Called after each chat, and from time to time in a long one. */
  readonly onProgress?: ((progress: { readonly chats: number; readonly items: number }) => void) | undefined;
}

/** Whose the chats are: one user, or what the source says of each; undefined there leaves a chat out. */
export type Owner = string | ((owner: string | undefined) => string | undefined);

/**
 * Imports the chats of a source. Each is one transaction, and one that this user has already is left as it is: what was
 * broken off is finished by importing the same again, and nothing is there twice.
 *
 * A chat keeps its id. Where another user has it, and where it cannot be one here, it gets another one, always the same
 * for this user, source and id.
 *
 * @returns what was imported, and what was not and why.
 * @throws QuestlogError when the source is not of the kind that it should be, or the database fails: what was imported
 * before stays.
 * @example
 * const report = await importChats(db, userId, readChats(createReadStream('conversations.json')));
 */
export async function importChats(
  db: Database,
  owner: Owner,
  source: ChatSource,
  options: ImportOptions = {},
): Promise<ImportReport> {
  checkOptions({ db }, { db: mustBeDatabase });
  checkOptions(options, { dryRun: isAnything, onProgress: isAnything });
  if (typeof owner === 'string') assertId('user_id', owner);
  const { dryRun = false, onProgress } = options;
  const report = new Report(dryRun, onProgress);
  const entries = source.entries[Symbol.asyncIterator]();
  const importer = { db, owner, source, report, dryRun, columns: await getChatColumns(db) };
  try {
    for (let chat = await findNext(entries, report); chat !== undefined; ) {
      const behind = await importChat(importer, chat, entries);
      chat = behind?.type === 'chat' ? behind : await findNext(entries, report, behind);
    }
  } finally {
    await entries.return?.();
  }
  return report.result();
}

interface Importer {
  readonly db: Database;
  readonly owner: Owner;
  readonly source: ChatSource;
  readonly report: Report;
  readonly dryRun: boolean;
  readonly columns: readonly ChatColumn[];
}

/** The next chat; undefined: there is none. */
async function findNext(
  entries: AsyncIterator<Entry>,
  report: Report,
  first?: Entry,
): Promise<ChatEntry | undefined> {
  for (let entry = first ?? (await pull(entries)); entry !== undefined; entry = await pull(entries)) {
    if (entry.type === 'chat') return entry;
    if (entry.type === 'end') report.isWhole = true;
    if (entry.type === 'broken') report.skip(entry.id, entry.why);
  }
  return undefined;
}

/** @returns the entry behind the chat, where that had to be read. */
async function importChat(
  { db, owner, source, report, dryRun, columns }: Importer,
  chat: ChatEntry,
  entries: AsyncIterator<Entry>,
): Promise<Entry | undefined> {
  const reader = new ChatReader(entries);
  const notes: string[] = [];
  try {
    const userId = typeof owner === 'string' ? owner : owner(chat.owner);
    if (userId === undefined) throw new Skipped('the source does not say whose it is');
    assertId('user_id', userId);
    const row = checkRow(chat.row, (note) => notes.push(note));
    const ids = idsOf(userId, source.name, chat.id);
    if ((await findChat(db, userId, ids)) !== undefined) throw new Skipped('already there');
    const written = await db
      .transaction(
        async (tx) => {
          reader.begin();
          const key: ChatKey | undefined = await writeChat(tx, { userId, ids, columns, row }, reader, report);
          if (key === undefined) throw new Skipped('already there');
          if (dryRun) throw new DryRun(key);
          return key;
        },
        userId,
        true,
      )
      .catch((error) => {
        if (error instanceof DryRun) return error.key;
        throw error;
      });
    report.add(chat.id, written?.chatId, reader.items, [...notes, ...reader.notes]);
  } catch (error) {
    await reader.drain();
    if (!reader.isCancelled) report.skip(chat.id, whySkipped(error));
  }
  return reader.behind;
}

/** Its own id, if it can be one, and the one that it has where that is taken. */
function idsOf(userId: string, source: string, id: string): string[] {
  const hash = createHash('sha256')
    .update(JSON.stringify([userId, source, id]))
    .digest('hex');
  const version8 = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  try {
    assertChatId('chat_id', id);
    return [id, version8];
  } catch {
    return [version8];
  }
}

/** Takes back what was written of a chat. */
class DryRun extends Error {
  readonly key: ChatKey;

  constructor(key: ChatKey) {
    super('a dry run');
    this.key = key;
  }
}

/** data_exception, integrity_constraint_violation */
const REFUSED = /^2[23]/;

function whySkipped(error: unknown): string {
  if (error instanceof Skipped) return error.message;
  if (!(error instanceof QuestlogError)) throw error;
  if (error.code === 'invalid_request' || error.code === 'invalid_item' || error.code === 'item_too_large')
    return error.message;
  if (REFUSED.test(sqlstateOf(error.cause) ?? '')) return 'the database refuses it';
  throw error;
}
