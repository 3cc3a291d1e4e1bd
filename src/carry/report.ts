/** What was imported, and what was not. */
export interface ImportReport {
  /** Chats that are there now, or with `dryRun` would be. */
  readonly imported: number;
  /** The items of their histories and archives. */
  readonly items: number;
  /** Chats that were there before. */
  readonly already_there: number;
  /** Chats that are not there: their ids in the source, and why. The first thousand. */
  readonly skipped: readonly { readonly id: string | null; readonly why: string }[];
  /** How many there are. */
  readonly skipped_count: number;
  /** Chats that are not quite as they were: other ids, titles that were cut, messages that were left out. The first thousand. */
  readonly changed: readonly { readonly id: string; readonly what: string }[];
  /** How many there are. */
  readonly changed_count: number;
  /** Whether the source was there to its end. */
  readonly complete: boolean;
  /** Whether nothing was written. */
  readonly dry_run: boolean;
}

/** Of a list in a report. */
const MAX_LINES = 1_000;
const MAX_CHARACTERS = 500;

/** Keeps the books of an import. */
export class Report {
  readonly #dryRun: boolean;
  readonly #onProgress: ((progress: { chats: number; items: number }) => void) | undefined;
  readonly #skipped: { id: string | null; why: string }[] = [];
  readonly #changed: { id: string; what: string }[] = [];
  #counts = { imported: 0, items: 0, alreadyThere: 0, skipped: 0, changed: 0 };
  isWhole = false;

  constructor(
    dryRun: boolean,
    onProgress: ((progress: { chats: number; items: number }) => void) | undefined,
  ) {
    this.#dryRun = dryRun;
    this.#onProgress = onProgress;
  }

  /** @param chatId its id here; undefined: it has none. */
  add(id: string, chatId: string | undefined, items: number, notes: readonly string[]): void {
    this.#counts.imported += 1;
    this.#counts.items += items;
    for (const note of notes) this.#change(id, note);
    if (chatId !== undefined && chatId !== id) this.#change(id, `its id here is ${chatId}`);
    this.progress(0);
  }

  skip(id: string | null, why: string): void {
    if (why === 'already there') this.#counts.alreadyThere += 1;
    else {
      this.#counts.skipped += 1;
      if (this.#skipped.length < MAX_LINES) this.#skipped.push({ id: id && cut(id), why: cut(why) });
    }
    this.progress(0);
  }

  /** @param items of the chat that is being imported. */
  progress(items: number): void {
    const { imported, alreadyThere, skipped, items: before } = this.#counts;
    this.#onProgress?.({ chats: imported + alreadyThere + skipped, items: before + items });
  }

  result(): ImportReport {
    const { imported, items, alreadyThere, skipped, changed } = this.#counts;
    return {
      imported,
      items,
      already_there: alreadyThere,
      skipped: this.#skipped,
      skipped_count: skipped,
      changed: this.#changed,
      changed_count: changed,
      complete: this.isWhole,
      dry_run: this.#dryRun,
    };
  }

  #change(id: string, what: string): void {
    this.#counts.changed += 1;
    if (this.#changed.length < MAX_LINES) this.#changed.push({ id: cut(id), what: cut(what) });
  }
}

function cut(text: string): string {
  return text.slice(0, MAX_CHARACTERS).toWellFormed();
}
