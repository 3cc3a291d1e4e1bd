import type { PlacedItem, Point, QuestlogClient } from 'questlog/client';
import type { Observable } from '../../observable.ts';

/** So many items come at once. */
export const PAGE_ITEMS = 100;

/** What is known of a chat's items. */
export interface KnownItems {
  /** Up to the newest, oldest first. */
  readonly items: readonly PlacedItem[];
  /** There are others before them. */
  readonly hasOlder: boolean;
  /** From the first on, while the person reads there and what lies between is not known. */
  readonly beginning: readonly PlacedItem[] | undefined;
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

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  async loadOlder(): Promise<void> {
    const { client, chatId, state, change } = this.#options;
    const { items, hasOlder, isLoadingOlder } = state.get();
    const before = items[0]?.position;
    if (!hasOlder || isLoadingOlder || before === undefined) return;
    state.update({ isLoadingOlder: true });
    await this.#options.attempt(async () => {
      const page = await client.listItems(chatId, { before, limit: PAGE_ITEMS });
      const { items: known, points } = state.get();
      if (known[0]?.position !== before) return;
      const both = { items: [...page.items, ...known], points: [...page.points, ...points] };
      change({ ...both, hasOlder: page.has_more });
    });
    state.update({ isLoadingOlder: false });
  }

  /** Goes to the first message: one page, however many lie between. */
  async goToFirst(): Promise<void> {
    const { hasOlder, beginning } = this.#options.state.get();
    if (hasOlder && beginning === undefined) await this.#loadAfter(-1);
  }

  /** Reads on from the beginning, until that is one with what is known of the end. */
  async loadNewer(): Promise<void> {
    const last = this.#options.state.get().beginning?.at(-1);
    if (last !== undefined) await this.#loadAfter(last.position);
  }

  /** Back to the newest messages. */
  goToEnd(): void {
    this.#options.change({ beginning: undefined });
  }

  async #loadAfter(after: number): Promise<void> {
    const { client, chatId, state, change, attempt } = this.#options;
    const { beginning, isLoadingNewer } = state.get();
    if (isLoadingNewer) return;
    state.update({ isLoadingNewer: true });
    await attempt(async () => {
      const page = await client.listItems(chatId, { after, limit: PAGE_ITEMS });
      const { beginning: known, points } = state.get();
      if (known !== beginning) return;
      change({ beginning: [...(known ?? []), ...page.items], points: [...page.points, ...points] });
    });
    state.update({ isLoadingNewer: false });
  }
}

/** Makes one of the beginning and the end of a chat where nothing is missing between them. */
export function joinBeginning({ items, hasOlder, beginning }: KnownItems): KnownItems {
  const [first] = items;
  const last = beginning?.at(-1);
  if (beginning === undefined || last === undefined || !hasOlder)
    return { items, hasOlder, beginning: undefined };
  if (first === undefined || last.position < first.position) return { items, hasOlder, beginning };
  const before = beginning.filter(({ position }) => position < first.position);
  return { items: [...before, ...items], hasOlder: false, beginning: undefined };
}

/** What is shown when the person says something: it stands at the end, or where it replaces all that follows. */
export function leaveBeginning({ items, hasOlder, beginning }: KnownItems, isReplacing: boolean): KnownItems {
  return beginning !== undefined && isReplacing
    ? { items: beginning, hasOlder: false, beginning: undefined }
    : { items, hasOlder, beginning: undefined };
}
