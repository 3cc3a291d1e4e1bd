import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import { getChat } from '../../src/store/chats/chats.ts';
import { getItemPage } from '../../src/store/items/item-page.ts';
import type { Signal } from '../../src/wire/live.ts';

/** What a page shows of a chat: its title and its items by position. */
type ShownChat = { title: string | null; items: Map<number, string> };

/** A page that fetches only what the signals tell it to. */
export class Screen {
  readonly #db: Database;
  readonly #userId: string;
  readonly #chats = new Map<string, ShownChat>();
  #work: Promise<void> = Promise.resolve();

  constructor(db: Database, userId: string) {
    this.#db = db;
    this.#userId = userId;
  }

  /** Takes signals in their order, one after the other. */
  readonly take = (signal: Signal): void => {
    this.#work = this.#work.then(() => this.#take(signal));
  };

  /** What it shows once it has taken every signal so far. */
  async shown(): Promise<Record<string, unknown>> {
    await this.#work;
    return Object.fromEntries(
      [...this.#chats].map(([chatId, { title, items }]) => [
        chatId,
        { title, items: Object.fromEntries([...items].sort(([a], [b]) => a - b)) },
      ]),
    );
  }

  async #take(signal: Signal): Promise<void> {
    switch (signal.type) {
      case 'chat_deleted':
        this.#chats.delete(signal.chat_id);
        return;
      case 'chat_created':
      case 'chat_restored':
        await this.#readItems(signal.chat_id, await this.#readChat(signal.chat_id), 0);
        return;
      case 'chat_changed':
        await this.#readChat(signal.chat_id);
        return;
      case 'items_appended':
      case 'items_replaced':
        await this.#readItems(signal.chat_id, this.#chats.get(signal.chat_id), signal.first);
        return;
      default:
        return;
    }
  }

  async #readChat(chatId: string): Promise<ShownChat | undefined> {
    const chat = await getChat(this.#db, chatId, this.#userId);
    if (chat === undefined) {
      this.#chats.delete(chatId);
      return undefined;
    }
    const shown = this.#chats.get(chatId) ?? { title: null, items: new Map() };
    shown.title = chat.title;
    this.#chats.set(chatId, shown);
    return shown;
  }

  async #readItems(chatId: string, shown: ShownChat | undefined, first: number): Promise<void> {
    if (shown === undefined) return;
    for (const position of shown.items.keys()) {
      if (position >= first) shown.items.delete(position);
    }
    const page = await getItemPage(this.#db, chatId, this.#userId, { after: first - 1, limit: 1_000 });
    for (const { position, text } of page.items) shown.items.set(position, String(text));
  }
}

/** What the tables hold, in the form of a screen. */
export async function truthOf(db: Database, userId: string): Promise<Record<string, unknown>> {
  const rows = await query<{ chatId: string; title: string | null; items: Record<string, string> }>(db, {
    text: `select c.chat_id as "chatId", c.title, coalesce(
        (select json_object_agg(i.position, i.item::text) from chat_items i where i.chat_id = c.chat_id), '{}') as items
      from chats c where c.user_id = $1 and c.is_active`,
    values: [userId],
  });
  return Object.fromEntries(rows.map(({ chatId, title, items }) => [chatId, { title, items }]));
}
