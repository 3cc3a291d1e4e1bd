import type { RunContext } from '@openai/agents-core';
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
export function checkSessionOptions(options: object): void {
  checkOptions(options, CHECKS);
}
