import type { RunContext } from '@openai/agents-core';
import { invalidField } from '../errors.ts';
import { assertChatId, assertId } from '../ids.ts';
import { type Checks, checkOptions, isAmount, isAnything, isFunction, optional } from '../options.ts';
import type { Compaction } from './compaction.ts';

/** Whose chat a session has, and what it does with it. */
export interface DatabaseSessionOptions<TContext = unknown> {
  /**
   * Whose chat it is, or how to tell it from the run's context. With it, the first write creates the chat, and
   * another user's chat is refused. Without it the chat must exist, and a caller that has its id is trusted: each call asks
   * first whose it is, with one statement more. On a distributed database it has to be given.
   * A function is for who passes the context: the SDK's runner does, its compaction session does not, and nobody is
   * remembered from one call to the next.
   */
  readonly userId?: string | ((run: RunContext<TContext>) => string);
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
  /** Compacts the chat after a turn, when that is due. One that fails changes nothing, and does not fail the run. */
  readonly compaction?: Compaction | undefined;
  /** Gets why a compaction failed. Default: nobody hears of it. */
  readonly onCompactionError?: ((error: unknown) => void) | undefined;
}

const CHECKS: Checks<DatabaseSessionOptions> = {
  userId: isAnything,
  maxItemBytes: optional(isAmount),
  compaction: isAnything,
  onCompactionError: optional(isFunction),
};

/**
 * A misspelt `userId` would be a session that trusts whoever has the id of a chat.
 *
 * @throws QuestlogError `invalid_request` naming the option.
 */
export function checkSessionOptions(chatId: string, options: DatabaseSessionOptions<never>): void {
  checkOptions(options, CHECKS);
  // A chat that is there already may have any id; the first write of a known user makes one.
  if ('userId' in options) assertChatId('chat_id', chatId);
  else assertId('chat_id', chatId);
  // A user who is not there (`user?.id`) is not "trust everybody", which leaving `userId` out is.
  if ('userId' in options && typeof options.userId !== 'function') assertId('user_id', options.userId);
}

/** Remembering the last user would let one user's run act as another's. */
const NO_RUN = "comes from the run's context, and there is no run: give the user as text there";

/** Undefined: the caller is trusted to have checked whose chat it is. */
export function userOf<TContext>(
  { userId }: DatabaseSessionOptions<TContext>,
  run: RunContext<TContext> | undefined,
): string | undefined {
  if (typeof userId !== 'function') return userId;
  if (run === undefined) throw invalidField('user_id', NO_RUN);
  const fromRun = userId(run);
  assertId('user_id', fromRun);
  return fromRun;
}
