import type { AgentInputItem, OpenAIResponsesCompactionResult, RunContext } from '@openai/agents-core';
import { doInOrder } from '../database/database.ts';
import type { Queryable } from '../driver/driver.ts';
import { invalidField, QuestlogError } from '../errors.ts';
import {
  type Checks,
  checkOptions,
  isAmount,
  isAnything,
  isCount,
  isFunction,
  optional,
} from '../options.ts';
import { getChat } from '../store/chats/chats.ts';
import { insertItems, type StoredItem } from '../store/items/chat-items.ts';
import type { EncodedItems } from '../store/items/encoded-items.ts';
import { archiveItems, moveItems } from '../store/items/history.ts';
import { decodeItem, encodeItems } from '../store/items/item-json.ts';
import { type LockedChat, moveNextPosition } from '../store/items/locked-chat.ts';
import { forgetPointsBefore, movePoints, settlePoints } from '../store/items/points.ts';
import { getStoredItems } from '../store/items/read-items.ts';
import { changeChat, chatNotFound, ownerOf } from './change-chat.ts';
import { forModel } from './for-model.ts';
import { estimateTokens, findLastTurns } from './turns.ts';

/** What a compaction cost, in the model's tokens. */
export interface CompactionUsage {
  /** Calls of the model. */
  readonly requests: number;
  /** What it was given. */
  readonly inputTokens: number;
  /** What it wrote. */
  readonly outputTokens: number;
  /** Both together. */
  readonly totalTokens: number;
  /** The model, by its name, for its price. */
  readonly model?: string | undefined;
}

/** What a compaction may use beside the items. */
export interface CompactionCall {
  /** Which chat is compacted. */
  readonly chatId: string;
  /** The context of the run after which it happens, if it is a run of the SDK. */
  // biome-ignore lint/suspicious/noExplicitAny: as in the SDK's own sessions: a context is invariant.
  readonly run: RunContext<any> | undefined;
  /** Ends the work; after two minutes by itself. */
  readonly signal: AbortSignal;
}

/** When and how a history is compacted: `summarizeWith`, `keepWindow`, `compactAtOpenAI`, or one of your own. */
export interface Compaction {
  /** The last so many turns stay as they are: at least 1, the default. A turn begins with a message of the user. */
  readonly keepTurns?: number | undefined;
  /** Whether these items, which are all before the kept turns, are to be compacted. Default: from 20,000 tokens on. */
  readonly when?: ((items: readonly AgentInputItem[]) => boolean) | undefined;
  /** Makes what takes the place of the items. Nothing is locked meanwhile, and whatever is appended stays. */
  compact(
    items: AgentInputItem[],
    call: CompactionCall,
  ): Promise<{ readonly items: readonly AgentInputItem[]; readonly usage?: CompactionUsage | undefined }>;
}

/** How a chat is compacted now. */
export interface CompactOptions {
  /** Compact whatever `when` says. */
  readonly force?: boolean | undefined;
  /** The context of the run after which it is done. */
  readonly run?: CompactionCall['run'];
  /** Gives it up: the chat stays as it is. */
  readonly signal?: AbortSignal | undefined;
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
}

/** What a compaction did. */
export interface CompactionResult {
  /** `busy`: a run is active on the chat. `changed`: what was compacted has been changed meanwhile. */
  readonly outcome: 'compacted' | 'not_needed' | 'busy' | 'changed';
  /** Also when the chat turned out to be busy or changed: it was paid for. */
  readonly usage?: CompactionUsage | undefined;
}

export const WHEN_OPTIONS: Checks<Pick<Compaction, 'keepTurns' | 'when'>> = {
  keepTurns: optional(isCount),
  when: optional(isFunction),
};

const OPTIONS: Checks<CompactOptions> = {
  force: isAnything,
  run: isAnything,
  signal: isAnything,
  maxItemBytes: optional(isAmount),
};

const DEFAULT_TOKENS = 20_000;
const TIMEOUT_MS = 120_000;

/**
 * Compacts a chat: what stands before its last turns goes to the archive, and what `compaction` makes of it takes its
 * place, in one transaction. It changes nothing while a run is active, or when what it read has been changed; what was
 * appended meanwhile stays, behind the replacement.
 *
 * @param db a `Database`: the model is asked before the transaction, and not inside one of the caller's.
 * @param owner null trusts the caller to have checked whose it is.
 * @throws QuestlogError `chat_not_found`, `invalid_request`, `invalid_item`; `compaction_failed`, with what the compaction
 * threw as `cause`. Nothing has changed.
 */
export async function compactChat(
  db: Queryable,
  chatId: string,
  owner: string | null,
  compaction: Compaction,
  options: CompactOptions = {},
): Promise<CompactionResult> {
  checkOptions(options, OPTIONS);
  const { force = false, run, signal, maxItemBytes } = options;
  checkCompaction(compaction);
  const { keepTurns = 1, when = isLarge } = compaction;
  const userId = owner ?? (await ownerOf(db, chatId));
  const read = await doInOrder(db, chatId, 'read', () => getStoredItems(db, { chatId, userId }));
  if (read.length === 0 && !(await getChat(db, chatId, userId, { activeOnly: false })))
    throw chatNotFound(chatId);
  const items = read.map(({ text }) => forModel(decodeItem(text)));
  const cut = findLastTurns(items, keepTurns);
  const prefix = items.slice(0, cut);
  if (cut === 0 || !(force || when(prefix))) return { outcome: 'not_needed' };

  const change = (work: (tx: Queryable, chat: LockedChat) => Promise<CompactionResult['outcome']>) =>
    doInOrder(db, chatId, 'change', () => changeChat(db, chatId, userId, work));
  const before = await change(async (_tx, { activeRun }) => (activeRun === null ? 'compacted' : 'busy'));
  if (before !== 'compacted') return { outcome: before ?? 'changed' };
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const ends = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  const made = await compaction.compact(prefix, { chatId, run, signal: ends }).catch((error: unknown) => {
    throw error instanceof QuestlogError ? error : failedError(error);
  });
  if (ends.aborted) throw failedError(ends.reason);
  const replacement = encodeItems(made.items, { field: 'compaction', maxItemBytes });
  const outcome = await change((tx, chat) => replacePrefix(tx, chat, read, cut, replacement));
  return { outcome: outcome ?? 'changed', usage: made.usage };
}

/** As the SDK asks for it after a turn: what fails changes nothing, and does not fail the run. */
export async function compactAfterTurn(
  db: Queryable,
  chatId: string,
  owner: () => string | null,
  compaction: Compaction,
  options: CompactOptions,
  onError: ((error: unknown) => void) | undefined,
): Promise<OpenAIResponsesCompactionResult | null> {
  try {
    const { usage } = await compactChat(db, chatId, owner(), compaction, options);
    return usage === undefined
      ? null
      : { usage: { ...usage, inputTokensDetails: {}, outputTokensDetails: {}, endpoint: 'compaction' } };
  } catch (error) {
    onError?.(error);
    return null;
  }
}

/** @throws QuestlogError `invalid_request` naming what is wrong with a compaction. */
export function checkCompaction(compaction: Compaction): void {
  const { compact, keepTurns, when } = Object(compaction) as Partial<Compaction>;
  if (typeof compact !== 'function') throw invalidField('compaction', 'must have a function `compact`');
  checkOptions({ keepTurns, when }, WHEN_OPTIONS);
}

/** Its message may hold items: it is the cause alone. */
function failedError(cause: unknown): QuestlogError {
  return new QuestlogError('compaction_failed', 'the history could not be compacted', { cause });
}

/**
 * Positions are never used twice, so what stays moves behind the replacement, to new ones. It keeps its run, its time and
 * whether a guardrail refused it, and its alternatives: what was set aside further up goes with what is replaced.
 */
async function replacePrefix(
  tx: Queryable,
  chat: LockedChat,
  read: readonly StoredItem[],
  cut: number,
  replacement: EncodedItems,
): Promise<CompactionResult['outcome']> {
  if (chat.activeRun !== null) return 'busy';
  const stored = await getStoredItems(tx, chat);
  const same = read.slice(0, cut + 1).every(({ position, text }, index) => {
    const now = stored[index];
    // Of the first item that stays only its place counts.
    return now?.position === position && (now.text === text || index === cut);
  });
  if (!same) return 'changed';
  const from = read[cut]?.position as number;
  const moved = { from, distance: chat.nextPosition + replacement.texts.length - from };
  await settlePoints(tx, chat);
  await forgetPointsBefore(tx, chat, from);
  await movePoints(tx, chat, moved);
  await archiveItems(tx, chat, { to: from - 1 });
  await moveItems(tx, chat, moved);
  await insertItems(tx, chat, replacement);
  await moveNextPosition(tx, chat, moved.distance);
  return 'compacted';
}

function isLarge(items: readonly AgentInputItem[]): boolean {
  return items.reduce((sum, item) => sum + estimateTokens(item), 0) >= DEFAULT_TOKENS;
}
