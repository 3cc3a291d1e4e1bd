import type { PlacedItem, Point, QuestlogClient } from 'questlog/client';
import type { Observable } from '../../observable.ts';

/** So many items come at once. */
export const PAGE_ITEMS = 100;

/** So many of them stand before the place that the person goes to. */
const ITEMS_BEFORE = 40;

/** Items without a gap, from anywhere in a chat. */
export interface Passage {
  /** Oldest first. */
  readonly items: readonly PlacedItem[];
  /** There are others before them. */
  readonly hasOlder: boolean;
}

/** What is known of a chat's items: up to the newest. */
export interface KnownItems extends Passage {
  /** Where the person reads, while what lies between it and the others is not known. */
  readonly passage: Passage | undefined;
}

/** What is known, and what is on its way. */
export interface HistoryState extends KnownItems {
  /** Where what is known has alternatives. */
  readonly points: readonly Point[];
  readonly isLoadingOlder: boolean;
  readonly isLoadingNewer: boolean;
}

interface HistoryOptions {
  readonly client: QuestlogClient;
  readonly chatId: string;
  readonly state: Pick<Observable<HistoryState>, 'get' | 'update'>;
  readonly change: (changes: Partial<Omit<HistoryState, 'isLoadingOlder' | 'isLoadingNewer'>>) => void;
  /** Runs what may fail, and tells the person. */
  readonly attempt: (work: () => Promise<void>) => Promise<void>;
}

/** The pages of a chat's items that come when the person goes to them. */
export class History {
  readonly #options: HistoryOptions;
  /** What was opened before the last passage comes too late. */
  #opened = 0;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  async loadOlder(): Promise<void> {
    const { client, chatId, state, change } = this.#options;
    const { items, hasOlder } = shownOf(state.get());
    const before = items[0]?.position;
    if (!hasOlder || state.get().isLoadingOlder || before === undefined) return;
    state.update({ isLoadingOlder: true });
    await this.#options.attempt(async () => {
      const page = await client.listItems(chatId, { before, limit: PAGE_ITEMS });
      const { passage, points } = state.get();
      const { items: known } = shownOf(state.get());
      if (known[0]?.position !== before) return;
      const shown = { items: [...page.items, ...known], hasOlder: page.has_more };
      const both = passage === undefined ? shown : { passage: shown };
      change({ ...both, points: [...page.points, ...points] });
    });
    state.update({ isLoadingOlder: false });
  }

  /** Goes to the first message: one page, however many lie between. */
  async goToFirst(): Promise<void> {
    if (!shownOf(this.#options.state.get()).hasOlder) return;
    await this.#open(async (client, chatId) => {
      const page = await client.listItems(chatId, { after: -1, limit: PAGE_ITEMS });
      return { items: page.items, hasOlder: false, points: page.points };
    });
  }

  /** Goes to an item: what stands around it comes, unless it is there. */
  async goTo(position: number): Promise<void> {
    const known = this.#options.state.get();
    const isIn = ({ items }: Passage) => items.some((placed) => placed.position === position);
    if (isIn(shownOf(known))) return;
    if (isIn(known)) return this.goToEnd();
    await this.#open(async (client, chatId) => {
      const [before, after] = await Promise.all([
        client.listItems(chatId, { before: position, limit: ITEMS_BEFORE }),
        client.listItems(chatId, { after: position - 1, limit: PAGE_ITEMS - ITEMS_BEFORE }),
      ]);
      const points = [...after.points, ...before.points];
      return { items: [...before.items, ...after.items], hasOlder: before.has_more, points };
    });
  }

  /** Reads on from the passage, until that is one with what is known of the end. */
  async loadNewer(): Promise<void> {
    const { client, chatId, state, change, attempt } = this.#options;
    const { passage, isLoadingNewer } = state.get();
    const after = passage?.items.at(-1)?.position;
    if (after === undefined || isLoadingNewer) return;
    state.update({ isLoadingNewer: true });
    await attempt(async () => {
      const page = await client.listItems(chatId, { after, limit: PAGE_ITEMS });
      const { passage: known, points } = state.get();
      if (known?.items.at(-1)?.position !== after) return;
      const longer = { ...known, items: [...known.items, ...page.items] };
      change({ passage: longer, points: [...page.points, ...points] });
    });
    state.update({ isLoadingNewer: false });
  }

  /** Back to the newest messages. */
  goToEnd(): void {
    this.#opened += 1;
    this.#options.change({ passage: undefined });
  }

  /** Shows a passage, unless the person has gone elsewhere meanwhile. */
  async #open(
    load: (
      client: QuestlogClient,
      chatId: string,
    ) => Promise<Passage & { readonly points: readonly Point[] }>,
  ): Promise<void> {
    const { client, chatId, state, change, attempt } = this.#options;
    this.#opened += 1;
    const opened = this.#opened;
    state.update({ isLoadingNewer: true });
    await attempt(async () => {
      const { points, ...passage } = await load(client, chatId);
      if (opened !== this.#opened) return;
      change({ passage, points: [...points, ...state.get().points] });
    });
    state.update({ isLoadingNewer: false });
  }
}

/** What of it the person reads in. */
export function shownOf({ items, hasOlder, passage }: KnownItems): Passage {
  return passage ?? { items, hasOlder };
}

/** Makes one of a passage and the end of a chat where nothing is missing between them. */
export function joinPassage({ items, hasOlder, passage }: KnownItems): KnownItems {
  const [first] = items;
  const last = passage?.items.at(-1);
  if (passage === undefined || last === undefined || !hasOlder)
    return { items, hasOlder, passage: undefined };
  if (first === undefined || last.position < first.position) return { items, hasOlder, passage };
  const before = passage.items.filter(({ position }) => position < first.position);
  const isOlder = before.length > 0 ? passage.hasOlder : hasOlder;
  return { items: [...before, ...items], hasOlder: isOlder, passage: undefined };
}

/** What is shown when the person says something: it stands at the end, or where it replaces all that follows. */
export function leavePassage({ items, hasOlder, passage }: KnownItems, isReplacing: boolean): KnownItems {
  return passage !== undefined && isReplacing
    ? { ...passage, passage: undefined }
    : { items, hasOlder, passage: undefined };
}
