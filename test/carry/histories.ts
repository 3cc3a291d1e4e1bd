import fc from 'fast-check';
import { expect } from 'vitest';
import { importChats } from '../../src/carry/import-chats.ts';
import { readChats } from '../../src/carry/read-chats.ts';
import type { ImportReport } from '../../src/carry/report.ts';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import { createChat, DatabaseSession, deleteChat } from '../../src/index.ts';
import { rateItem } from '../../src/store/items/chat-items.ts';
import { getItemPage } from '../../src/store/items/item-page.ts';

type Step =
  | { readonly do: 'add'; readonly texts: readonly string[] }
  | { readonly do: 'aside' | 'select' | 'rate'; readonly at: number }
  | { readonly do: 'pop' | 'clear' | 'compact' | 'block' | 'delete' };

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('a', '\u0000', '\ud800', ',"item":'),
);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      texts: fc.array(anyText, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('aside' as const, 'select' as const, 'rate' as const),
      at: fc.nat(6),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'pop' as const,
        'clear' as const,
        'compact' as const,
        'block' as const,
        'delete' as const,
      ),
    }),
  },
);
export const anyChat = fc.array(anyStep, { maxLength: 10 });

/** Makes a chat in which this happened. */
export async function play(db: Database, userId: string, steps: readonly Step[]): Promise<string> {
  const { chatId } = await createChat(db, userId, { title: steps.length % 2 ? 'A "title"' : null });
  const session = new DatabaseSession(chatId, db, { userId });
  for (const step of steps) {
    const { items } = await getItemPage(db, chatId, userId, { limit: 100 });
    const position = 'at' in step ? items[step.at % Math.max(1, items.length)]?.position : undefined;
    if (step.do === 'add') await session.addItems(step.texts.map(say));
    else if (step.do === 'aside' && position !== undefined) await session.setAside(position);
    else if (step.do === 'rate' && position !== undefined)
      await rateItem(db, chatId, userId, position, { rating: 'up', comment: '\ud800,"item":' });
    else if (step.do === 'select' && 'at' in step) {
      const found = (await session.listAlternatives()).filter(({ isCurrent }) => !isCurrent);
      const chosen = found[step.at % Math.max(1, found.length)];
      if (chosen !== undefined) await session.selectAlternative(chosen.alternativeId);
    } else if (step.do === 'pop') await session.popItem();
    else if (step.do === 'clear') await session.clearSession();
    else if (step.do === 'compact') await session.replaceHistoryWithCompaction([say('short')]);
    else if (step.do === 'delete') await deleteChat(db, chatId, userId);
    else if (step.do === 'block') {
      await query(db, {
        userId,
        text: `update chat_items set is_blocked = true, run_id = 'r' where chat_id = $1 and user_id = $2`,
        values: [chatId, userId],
      });
    }
    if (step.do === 'delete') break;
  }
  return chatId;
}

export function say(content: string) {
  return { role: 'user' as const, content };
}

export async function read(texts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of texts) text += piece;
  return text;
}

export function importText(db: Database, userId: string, text: string): Promise<ImportReport> {
  const middle = Math.floor(text.length / 2);
  // A piece is whole characters; those of bytes need not be.
  const half = text.codePointAt(middle - 1) === text.charCodeAt(middle - 1) ? middle : middle + 1;
  return importChats(db, userId, readChats([text.slice(0, half), Buffer.from(text.slice(half))]));
}

export function chatsOf(db: Database, userId: string): Promise<{ id: string }[]> {
  return query(db, { userId, text: 'select chat_id as id from chats where user_id = $1', values: [userId] });
}

export async function expectWhole(db: Database, userId: string, chatId: string): Promise<void> {
  const session = new DatabaseSession(chatId, db, { userId });
  expect(await session.getItems()).toEqual(['a', 'd'].map(say));
  expect(await session.listAlternatives()).toHaveLength(2);
}
