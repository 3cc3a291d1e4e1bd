import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createChat,
  type Database,
  DatabaseSession,
  hardDeleteChat,
  type Queryable,
  updateChat,
} from '../../src/index.ts';
import { type ConversationPage, readConversations } from '../../src/store/chats/read-conversations.ts';
import { getItems } from '../../src/store/items/read-items.ts';
import { DATABASES, newUser } from '../support/databases.ts';

const MB = 1_000_000;
const said = (content: string) => ({ role: 'user' as const, content });

/** Texts that the database stores as they are, compressed, and far from ASCII. */
const contents = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('a', 'é🎲', '"\\\u0000'), fc.integer({ min: 1, max: 900_000 }))
      .map(([letters, length]) => letters.repeat(length / letters.length)),
  },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(MB), '🎲'.repeat(MB), 'y'.repeat(2 * MB + 17)) },
);
const chats = fc.array(fc.array(contents, { maxLength: 8 }), { maxLength: 5 });

/** What came of each chat, and how much there was at once. */
class Told {
  readonly texts = new Map<string, string>();
  readonly whole = new Set<string>();
  largest = 0;
  pages = 0;

  add({ parts }: ConversationPage): void {
    this.pages += 1;
    this.largest = Math.max(
      this.largest,
      parts.reduce((sum, { items }) => sum + items.length, 0),
    );
    for (const { chat, isFirst, isLast, items } of parts) {
      expect(isFirst).toBe(!this.texts.has(chat.chatId));
      expect(this.whole.has(chat.chatId)).toBe(false);
      this.texts.set(chat.chatId, (this.texts.get(chat.chatId) ?? '') + items);
      if (isLast) this.whole.add(chat.chatId);
    }
  }
}

/** All pages of conversations. */
async function* pagesOf(...asked: Parameters<typeof readConversations>): AsyncGenerator<ConversationPage> {
  const nextPage = readConversations(...asked);
  for (let isLast = false; !isLast; ) {
    const page = await nextPage();
    yield page;
    ({ isLast } = page);
  }
}

async function textOf(db: Queryable, chatId: string, userId: string): Promise<string> {
  return JSON.stringify(await getItems(db, chatId, userId)).slice(1, -1);
}

async function create(db: Database, userId: string, all: readonly (readonly string[])[]): Promise<string[]> {
  const ids: string[] = [];
  for (const texts of all) {
    ids.push((await createChat(db, userId, { conversation: texts.map(said) })).chatId);
  }
  return ids;
}

describe.each(DATABASES)('conversations in pages ($name)', ({ open }) => {
  test('are whole and in order, a megabyte or so at once, whatever the sizes', {
    timeout: 300_000,
  }, async () => {
    const db = await open();
    const property = fc.asyncProperty(chats, async (all) => {
      const userId = newUser();
      const ids = await create(db, userId, all);
      const told = new Told();
      for await (const page of pagesOf(db, userId, ['no-such-chat', ...ids])) told.add(page);
      expect([...told.texts.keys()]).toEqual(ids);
      expect([...told.whole]).toEqual(ids);
      // An emoji is two characters of a string.
      expect(told.largest).toBeLessThanOrEqual(2 * MB + 1);
      for (const id of ids) expect(told.texts.get(id) === (await textOf(db, id, userId))).toBe(true);
    });
    await fc.assert(property, { numRuns: 8, seed: 17, endOnFailure: true });
  });

  test('are one statement when they are short, however many', async () => {
    const db = await open();
    const userId = newUser();
    const ids = await create(db, userId, [[], ['a'], [], ...Array.from({ length: 20 }, () => ['b', 'c'])]);
    for (const asked of [ids, ids.slice(0, 1), ids.slice(1, 2)]) {
      const told = new Told();
      for await (const page of pagesOf(db, userId, asked)) told.add(page);
      expect([told.pages, [...told.whole]]).toEqual([1, asked]);
    }
  });

  test('of another user are not there', async () => {
    const db = await open();
    const [id] = await create(db, newUser(), [['secret']]);
    const told = new Told();
    for await (const page of pagesOf(db, newUser(), [String(id)])) told.add(page);
    expect(told.texts.size).toBe(0);
  });
});

/** What others do to the chat between two pages. `keeps`: what was there stays as it was. */
const CHANGES = {
  append: {
    keeps: true,
    work: (db: Database, id: string, userId: string) =>
      new DatabaseSession(id, db, { userId }).addItems([said('late')]),
  },
  rename: {
    keeps: true,
    work: (db: Database, id: string, userId: string) => updateChat(db, id, userId, { title: 'Late' }),
  },
  pop: {
    keeps: false,
    work: (db: Database, id: string, userId: string) => new DatabaseSession(id, db, { userId }).popItem(),
  },
  replace: {
    keeps: false,
    work: (db: Database, id: string, userId: string) =>
      updateChat(db, id, userId, { conversation: [said('other'), said('words')] }),
  },
  clear: {
    keeps: false,
    work: (db: Database, id: string, userId: string) =>
      new DatabaseSession(id, db, { userId }).clearSession(),
  },
  remove: {
    keeps: false,
    work: (db: Database, id: string, userId: string) => hardDeleteChat(db, id, userId),
  },
  // Never rewritten, as the one that was begun.
  'make anew': {
    keeps: false,
    work: async (db: Database, id: string, userId: string) => {
      await hardDeleteChat(db, id, userId);
      await new DatabaseSession(id, db, { userId }).addItems(Array.from({ length: 9 }, () => said('again')));
    },
  },
} as const;

const HALF = 'z'.repeat(MB / 2);
const histories = fc.constantFrom(
  [HALF, HALF, 'end'],
  ['a', 'y'.repeat(3 * MB), 'b', HALF, HALF],
  Array.from({ length: 2_200 }, (_, index) => `${index}`),
);

describe.each(DATABASES)('a conversation that is changed while its pages are read ($name)', ({ open }) => {
  test('is told as it was at its beginning, or broken off: never a mix, and never as if it had ended', {
    timeout: 300_000,
  }, async () => {
    const db = await open();
    const names = fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[]));
    const changes = fc.array(fc.array(names, { maxLength: 2 }), { minLength: 1, maxLength: 3 });
    const property = fc.asyncProperty(histories, changes, async (texts, between) => {
      const userId = newUser();
      const [before, id, behind] = (await create(db, userId, [['x'], texts, ['y']])) as [
        string,
        string,
        string,
      ];
      const truth = await textOf(db, id, userId);
      const told = new Told();
      const todo = [...between];
      let isKept = true;
      let failure: unknown;
      try {
        for await (const page of pagesOf(db, userId, [before, id, behind])) {
          told.add(page);
          if (told.whole.has(id) || !told.texts.has(id)) continue;
          for (const name of todo.shift() ?? []) {
            await CHANGES[name].work(db, id, userId);
            isKept &&= CHANGES[name].keeps;
          }
        }
      } catch (error) {
        failure = error;
      }
      expect(told.texts.get(before)).toBe(JSON.stringify(said('x')));
      if (isKept) {
        expect(failure).toBeUndefined();
        expect(told.texts.get(id) === truth).toBe(true);
        expect([...told.whole]).toEqual([before, id, behind]);
      } else {
        expect(failure).toMatchObject({ code: 'history_conflict' });
        expect(told.whole.has(id)).toBe(false);
        expect(truth.startsWith(told.texts.get(id) ?? '')).toBe(true);
      }
    });
    await fc.assert(property, { numRuns: 20, seed: 17, endOnFailure: true });
  });
});
