import { QuestlogError } from '../errors.ts';
import type { Entry } from './entries.ts';

/** A chat that is not imported, and why. */
export class Skipped extends Error {}

/** The next entry; undefined: there is none. */
export async function pull(entries: AsyncIterator<Entry>): Promise<Entry | undefined> {
  const { done, value } = await entries.next();
  return done ? undefined : value;
}

/** What belongs to one chat, read once. */
export class ChatReader {
  readonly #entries: AsyncIterator<Entry>;
  readonly notes: string[] = [];
  items = 0;
  /** Where the next position of the chat is. Undefined: its end has not been read. */
  nextPosition: number | undefined;
  isCancelled = false;
  behind: Entry | undefined;
  #isOver = false;
  #hasBegun = false;

  constructor(entries: AsyncIterator<Entry>) {
    this.#entries = entries;
  }

  /** A database repeats a transaction that it broke off; what was read for it cannot be read again. */
  begin(): void {
    if (this.#hasBegun) throw new QuestlogError('database_busy', 'the database was busy: import again');
    this.#hasBegun = true;
  }

  /** @throws Skipped when the chat cannot be imported. */
  async *read(): AsyncGenerator<Entry, void, undefined> {
    while (!this.#isOver) {
      const entry = await this.#next();
      if (entry === undefined) throw new Skipped('the source ends in the middle of it: import it again');
      if (entry.type === 'changed') this.notes.push(entry.what);
      else if (entry.type === 'broken') throw new Skipped(entry.why);
      else if (entry.type === 'cancelled') throw new Skipped('it was changed while it was exported');
      else if (entry.type === 'chat_end') this.nextPosition = entry.nextPosition;
      else yield entry;
    }
  }

  /** Reads on to the end of the chat. */
  async drain(): Promise<void> {
    while (!this.#isOver && (await this.#next()) !== undefined);
  }

  async #next(): Promise<Entry | undefined> {
    const entry = await pull(this.#entries);
    this.isCancelled = entry?.type === 'cancelled';
    this.#isOver = entry === undefined || ['chat_end', 'cancelled', 'chat', 'end'].includes(entry.type);
    if (entry?.type !== 'chat' && entry?.type !== 'end') return entry;
    this.behind = entry;
    return undefined;
  }
}
