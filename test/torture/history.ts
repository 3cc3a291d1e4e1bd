/** What clients saw, by the clock of one process, and what the database holds afterwards. */

/** These put items of their own into a chat. */
export type WriterKind = 'append' | 'replace' | 'put' | 'run';
export type Kind =
  | WriterKind
  | 'create'
  | 'pop'
  | 'clear'
  | 'title'
  | 'delete'
  | 'restore'
  | 'cancel'
  | 'approve';

/** One operation of one client. */
export interface Operation {
  readonly kind: Kind;
  readonly userId: string;
  readonly chatId: string;
  /** Milliseconds. */
  readonly begin: number;
  /** When the answer came; without one Infinity: the operation may take effect later, or never. */
  readonly end: number;
  readonly outcome: 'done' | 'refused' | 'unknown';
  /** Of the problem that was the answer, if it was one. */
  readonly code?: string | undefined;
  /** What it writes, in this order; each mark is unique in the whole history. */
  readonly marks: readonly string[];
  /** Of a pop that is done: the mark of what it returned, null for another item, undefined for none. */
  readonly popped?: string | null | undefined;
  /** Of `create` and `title`. */
  readonly title?: string;
  /** Of a run that has begun, of a cancellation and an approval. */
  readonly runId?: string;
  /** Of a run whose stream was read to its end: the last event's type, or the code of its error. */
  readonly ending?: string;
}

/** An item of a chat or its archive. */
export interface FoundItem {
  readonly position: number;
  /** Undefined for what an agent wrote. */
  readonly mark: string | undefined;
  readonly archived: boolean;
}

export interface FoundChat {
  readonly chatId: string;
  readonly userId: string;
  readonly title: string | null;
  readonly isActive: boolean;
  readonly nextPosition: number;
  readonly activeRun: string | null;
  readonly items: readonly FoundItem[];
}

export interface FoundRun {
  readonly runId: string;
  readonly userId: string;
  readonly chatId: string;
  readonly status: string;
}

/** What the database holds when all is over. */
export interface Found {
  readonly chats: readonly FoundChat[];
  readonly runs: readonly FoundRun[];
  /** How many chats of a user there are, as the tables count them. */
  readonly counts: readonly { readonly userId: string; readonly active: number; readonly inactive: number }[];
  /** What the tools have executed: for each a mark of the run, and which call it was. */
  readonly executed: readonly string[];
}

export function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
