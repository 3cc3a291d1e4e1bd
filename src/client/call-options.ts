import type { FeedbackRequest, ItemRange } from '../wire/chats.ts';
import type { ForkRequest } from '../wire/organise/organisation.ts';

/** What every call takes. */
export interface CallOptions {
  /** Gives the request up. */
  readonly signal?: AbortSignal | undefined;
}

/** How a run is begun. */
export interface RunOptions extends CallOptions {
  /** Where the agent is, such as `/agents/support`. Default: that of the client. */
  readonly agent?: string | undefined;
  /**
   * Makes the request safe to repeat, also by another page: the same key with the same request joins the run that it
   * began. Default: a new one.
   */
  readonly idempotencyKey?: string | undefined;
}

/** Which of the user's chats. */
export interface ListChatsOptions extends CallOptions {
  /** 1 to 100 (the default). */
  readonly limit?: number;
  /** `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
  /** Only chats whose title contains this, in any case. */
  readonly query?: string | undefined;
  /** Which chats. Default: the active ones. */
  readonly state?: 'active' | 'deleted' | 'all' | undefined;
  /** Only archived chats, or only others. Default: others; of deleted chats, and of all, both. */
  readonly archived?: boolean | undefined;
  /** Only pinned chats, or only others. */
  readonly pinned?: boolean | undefined;
  /** Only chats that have all of these. */
  readonly tags?: readonly string[] | undefined;
  /** Only chats whose metadata has these members. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** What of the user's chats is looked through, and which page of what is found. */
export interface SearchChatsOptions extends CallOptions {
  /** 1 to 50. Default: 20. */
  readonly limit?: number | undefined;
  /** `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
  /** Also what tools were called with, and what they gave. */
  readonly tools?: boolean | undefined;
}

/** What a fork gets. */
export interface ForkChatOptions extends CallOptions, ForkRequest {}

/** Which items of a chat. */
export interface ListItemsOptions extends CallOptions {
  /** Only items before this position. */
  readonly before?: number | undefined;
  /** Only items after this position; -1: from the first one. */
  readonly after?: number | undefined;
  /** How many at most. */
  readonly limit?: number | undefined;
  /** Of this alternative, which is set aside, and not of the history. */
  readonly alternative?: number | undefined;
  /** Also of a soft-deleted chat. */
  readonly includeDeleted?: boolean | undefined;
}

/** Positions of a chat, both included. */
export interface RangeOptions extends CallOptions, ItemRange {}

/** Which of a chat's alternatives. */
export interface ListAlternativesOptions extends CallOptions {
  /** Only those with a greater id. */
  readonly after?: number | undefined;
  /** 1 to 100 (the default). */
  readonly limit?: number | undefined;
}

/** What the person thinks, and of which item. */
export interface RateItemOptions extends CallOptions, FeedbackRequest {
  /** Its place in the chat. */
  readonly position: number;
}
