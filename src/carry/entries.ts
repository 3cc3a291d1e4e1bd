import type { NewAlternative, NewArchivedItem, NewItem } from '../store/carry/write-chat.ts';

/**
 * What sources give, one after the other: a chat, then what belongs to it, then its end. An export of Questlog has the
 * same, a line each.
 */
export type Entry =
  | ChatEntry
  | ({ readonly type: 'item' } & NewItem)
  | ({ readonly type: 'archived_item' } & NewArchivedItem)
  | ({ readonly type: 'alternative' } & NewAlternative)
  /** Something of the chat is not taken along, or not as it was. */
  | { readonly type: 'changed'; readonly what: string }
  /** The chat cannot be read. */
  | { readonly type: 'broken'; readonly id: string | null; readonly why: string }
  /** What was read of the chat is to be forgotten: it comes again, or is left out. */
  | { readonly type: 'cancelled' }
  | { readonly type: 'chat_end'; readonly nextPosition: number }
  /** The source was read to its end; without it, it was cut off. */
  | { readonly type: 'end' };

/** A chat begins. */
export interface ChatEntry {
  /** What it is. */
  readonly type: 'chat';
  /** Its id in its source. */
  readonly id: string;
  /** Whose it is, as the source says. */
  readonly owner?: string | undefined;
  /** Columns of `chats`, as JSON has them. */
  readonly row: Readonly<Record<string, unknown>>;
}

/** Where chats come from. */
export interface ChatSource {
  /** Part of the ids of chats whose own are taken: stays the same. */
  readonly name: string;
  /** What there is, in order. */
  readonly entries: AsyncIterable<Entry>;
}
