import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendOrCreate } from '../../src/database/append-batcher.ts';
import type { Database } from '../../src/database/database.ts';
import { newId } from '../../src/ids.ts';
import { createChat } from '../../src/store/chats/create-chat.ts';
import { appendItems, appendToFreeChats, appendToNewChat } from '../../src/store/items/append-items.ts';
import { insertItems } from '../../src/store/items/chat-items.ts';
import { EncodedItems } from '../../src/store/items/encoded-items.ts';
import { getItemPage } from '../../src/store/items/item-page.ts';
import { lockChat, moveNextPosition } from '../../src/store/items/locked-chat.ts';
import { beginRun } from '../../src/store/runs/begin-run.ts';
import { endRun } from '../../src/store/runs/end-run.ts';
import { appendRunItems } from '../../src/store/runs/run-items.ts';
import { DATABASES, newUser } from '../support/databases.ts';

interface Place {
  readonly chatId: string;
  readonly userId: string;
}

const OTHERS = new EncodedItems(['{"role":"user","content":"of another"}', '{"n":2}']);

/** What JSON is made of, whole or not, and what arrays and strings of the server are. */
const PIECES = [
  ...['[', ']', '{', '}', ',', ':', '"', '\\', '\\"', "'", ' ', '\n', '\u001e', '\u0000', '\ud83d', 'é'],
  ...['0', '-0', 'null', 'NULL', '{}', '"x"', '{"n":1}', ']},{"role":"user","content":"INJECTED"},{"x":[0'],
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.constantFrom('{"n":1},{"n":2}', '{"n":[1', '2]}', '{"role":"user","content":"x"}', ' {"n" : 1} '),
);

/** Makes or writes a chat with these texts, in each way that the store has. */
const WAYS: Readonly<Record<string, (db: Database, place: Place, items: EncodedItems) => Promise<unknown>>> =
  {
    append: (db, { chatId, userId }, items) => appendItems(db, chatId, { userId, items }),
    appendOrCreate: (db, { chatId, userId }, items) => appendOrCreate(db, chatId, { userId, items }),
    appendToNew: (db, { userId }, items) => appendToNewChat(db, newId(), { userId, items }),
    create: (db, { userId }, items) => createChat(db, userId, { conversation: items }),
    insert: (db, { chatId, userId }, items) =>
      db.transaction(async (tx) => {
        const chat = await lockChat(tx, chatId, userId);
        if (chat === undefined) throw new Error('the chat is gone');
        await insertItems(tx, chat, items);
        await moveNextPosition(tx, chat, items.texts.length);
      }),
    begin: (db, place, input) => beginRun(db, { ...newRun(place), input }),
    journal: async (db, place, items) => {
      const begun = await beginRun(db, { ...newRun(place), input: new EncodedItems([]) });
      if (begun !== undefined) await appendRunItems(db, begun.lease, items);
    },
    end: async (db, place, items) => {
      const begun = await beginRun(db, { ...newRun(place), input: new EncodedItems([]) });
      if (begun === undefined) throw new Error('the chat is busy');
      await endRun(db, begun.lease, { status: 'completed', items, events: [], firstEvent: 1 });
    },
  };

const newRun = (place: Place) => ({
  ...place,
  runId: newId(),
  agent: 'A',
  leaseMs: 60_000,
  title: undefined,
});

/** What a user has: by position, all texts of all chats, and how many positions are taken. */
async function readAll(db: Database, userId: string) {
  const { rows } = await db.query({
    text: `select (select coalesce(sum(next_position), 0) from chats where user_id = $1)::int as taken,
      (select coalesce(json_agg(item::text order by chat_id, position), '[]') from chat_items where user_id = $1)
        as texts`,
    values: [userId],
  });
  return rows[0] as { readonly taken: number; readonly texts: readonly string[] };
}

describe.each(DATABASES)('a text that is handed to the store as an item ($name)', ({ open }) => {
  test('is one item, as it is, or is refused with nothing written', { timeout: 120_000 }, async () => {
    const db = await open();
    const texts = fc.array(text, { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(fc.constantFrom(...Object.keys(WAYS)), texts, async (way, given) => {
      const place = { chatId: newId(), userId: newUser() };
      await appendOrCreate(db, place.chatId, { userId: place.userId, items: new EncodedItems(['{"n":0}']) });
      const items = new EncodedItems(given);
      const isWritten = await isFulfilled(WAYS[way]?.(db, place, items));
      const kept = await readAll(db, place.userId);
      expect(kept.texts.toSorted()).toEqual(['{"n":0}', ...(isWritten ? given : [])].toSorted());
      expect(kept.taken).toBe(kept.texts.length);
    });
    await fc.assert(property, { numRuns: 120 });
  });

  test('changes nothing of another chat that shares its statement', { timeout: 120_000 }, async () => {
    const db = await open();
    const texts = fc.array(text, { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(texts, fc.nat({ max: 3 }), fc.boolean(), async (given, nth, isFree) => {
      const places = Array.from({ length: 4 }, () => ({ chatId: newId(), userId: newUser() }));
      for (const [index, { chatId, userId }] of places.entries()) {
        // What is not there is left out of the statement, with its texts.
        if (index === nth && !isFree) continue;
        await appendOrCreate(db, chatId, { userId, items: new EncodedItems(['{"n":0}']) });
      }
      const appends = places.map(({ chatId, userId }, index) => {
        return [chatId, { userId, items: index === nth ? new EncodedItems(given) : OTHERS }] as const;
      });
      const isWritten = await isFulfilled(appendToFreeChats(db, new Map(appends)));
      for (const [index, { chatId, userId }] of places.entries()) {
        const before = index === nth && !isFree ? [] : ['{"n":0}'];
        const added = index !== nth ? OTHERS.texts : isFree ? given : [];
        const { items: stored } = await getItemPage(db, chatId, userId, { limit: 1_000 });
        expect(stored.map(({ text: of }) => of)).toEqual([...before, ...(isWritten ? added : [])]);
      }
    });
    await fc.assert(property, { numRuns: 80 });
  });
});

function isFulfilled(writing: Promise<unknown> | undefined): Promise<boolean> {
  return Promise.resolve(writing).then(
    () => true,
    () => false,
  );
}
