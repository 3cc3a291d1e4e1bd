import type { Queryable } from '../driver/driver.ts';
import type { ChatColumn } from '../store/carry/chat-columns.ts';
import {
  type ChatKey,
  findFlaw,
  finishChat,
  insertAlternatives,
  insertArchivedItems,
  insertCarriedItems,
  insertChat,
  type NewAlternative,
  type NewArchivedItem,
  type NewItem,
} from '../store/carry/write-chat.ts';
import type { ChatReader } from './chat-reader.ts';
import { refuse } from './check-entries.ts';
import type { Report } from './report.ts';

/** What one statement writes, unless one item alone is longer. */
const SLICE_ROWS = 1_000;
const SLICE_CHARACTERS = 1_000_000;

interface NewChat {
  readonly userId: string;
  /** The first one that is free is the chat's. */
  readonly ids: readonly string[];
  readonly columns: readonly ChatColumn[];
  readonly row: Readonly<Record<string, unknown>>;
}

/** Writes a chat with all that belongs to it, as it is read. @returns undefined when all of its ids are taken. */
export async function writeChat(
  tx: Queryable,
  { userId, ids, columns, row }: NewChat,
  reader: ChatReader,
  report: Report,
): Promise<ChatKey | undefined> {
  const key = await insertFirst(tx, userId, ids, columns, row);
  if (key === undefined) return undefined;
  const slice = new Slice(tx, key);
  for await (const entry of reader.read()) {
    if (entry.type === 'item') slice.items.push(entry);
    else if (entry.type === 'archived_item') slice.archived.push(entry);
    else if (entry.type === 'alternative') slice.alternatives.push(entry);
    else continue;
    if (entry.type !== 'alternative') reader.items += 1;
    if (!slice.add('text' in entry ? entry.text.length : 0)) continue;
    await slice.write();
    report.progress(reader.items);
  }
  await slice.write();
  const flaw = slice.isPlain ? undefined : await findFlaw(tx, key);
  if (flaw !== undefined) refuse(flaw);
  const updatedAt = row.updated_at as string | undefined;
  await finishChat(tx, key, { nextPosition: reader.nextPosition ?? 0, updatedAt });
  return key;
}

async function insertFirst(
  tx: Queryable,
  userId: string,
  ids: readonly string[],
  columns: readonly ChatColumn[],
  row: Readonly<Record<string, unknown>>,
): Promise<ChatKey | undefined> {
  for (const chatId of ids) {
    const key = { userId, chatId };
    if (await insertChat(tx, key, columns, row)) return key;
  }
  return undefined;
}

/** What is written at once. */
class Slice {
  readonly #tx: Queryable;
  readonly #key: ChatKey;
  items: NewItem[] = [];
  archived: NewArchivedItem[] = [];
  alternatives: NewAlternative[] = [];
  #rows = 0;
  #characters = 0;
  /** Whether the chat has a history and nothing else. */
  isPlain = true;

  constructor(tx: Queryable, key: ChatKey) {
    this.#tx = tx;
    this.#key = key;
  }

  /** @returns whether it is full. */
  add(characters: number): boolean {
    this.#rows += 1;
    this.#characters += characters;
    return this.#rows >= SLICE_ROWS || this.#characters >= SLICE_CHARACTERS;
  }

  async write(): Promise<void> {
    this.isPlain &&= this.archived.length === 0 && this.alternatives.length === 0;
    if (this.alternatives.length > 0) await insertAlternatives(this.#tx, this.#key, this.alternatives);
    if (this.archived.length > 0) await insertArchivedItems(this.#tx, this.#key, this.archived);
    if (this.items.length > 0) await insertCarriedItems(this.#tx, this.#key, this.items);
    [this.items, this.archived, this.alternatives] = [[], [], []];
    [this.#rows, this.#characters] = [0, 0];
  }
}
