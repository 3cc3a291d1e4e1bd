import { Agent, type AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { newId } from '../../src/ids.ts';
import { DatabaseSession } from '../../src/session/database-session.ts';
import { updateChat } from '../../src/store/chats/chats.ts';
import { createChat } from '../../src/store/chats/create-chat.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { runsOn } from '../support/runs.ts';
import { HOSTILE } from './hostile-values.ts';

const said = (what: string): AgentInputItem => ({ role: 'user', content: what });

/** The ways beside `addItems` in which objects of the caller's become items. */
type Door = (
  db: Database,
  place: { chatId: string; userId: string },
  items: AgentInputItem[],
) => Promise<unknown>;

const DOORS: Readonly<Record<string, Door>> = {
  createChat: (db, { userId }, conversation) => createChat(db, userId, { conversation }),
  updateChat: (db, { chatId, userId }, conversation) => updateChat(db, chatId, userId, { conversation }),
  compaction: (db, { chatId, userId }, items) =>
    new DatabaseSession(chatId, db, { userId }).replaceHistoryWithCompaction(items),
  'history append': (db, { chatId, userId }, items) => {
    const transaction = { type: 'append_items', items } as const;
    return new DatabaseSession(chatId, db, { userId }).applyHistoryTransaction({
      operationId: newId(),
      transaction,
    });
  },
  'history replacement': (db, { chatId, userId }, replacement) => {
    const transaction = { type: 'replace_suffix' as const, expectedSuffix: [said('before')], replacement };
    return new DatabaseSession(chatId, db, { userId }).applyHistoryTransaction({
      operationId: newId(),
      transaction,
    });
  },
  run: async (db, place, input) => {
    const agent = new Agent({ name: 'A', model: floodModel(0, 2) });
    return (await runsOn(db).start({ ...place, agent, input })).result();
  },
};

/** A user's items as they are stored. */
async function readStored(db: Database, userId: string): Promise<string> {
  const text = 'select item::text as item from chat_items where user_id = $1 order by chat_id, position';
  return (await db.query({ text, values: [userId] })).rows.map(({ item }) => item).join('\n');
}

describe.each(DATABASES)('an object that is not what it says ($name)', ({ open }) => {
  test('is stored as it was when it was read, or refused, and nothing of it reaches another chat', {
    timeout: 60_000,
  }, async () => {
    const db = await open();
    const chat = () => ({ chatId: newId(), userId: newUser() });
    const session = ({ chatId, userId }: ReturnType<typeof chat>) =>
      new DatabaseSession(chatId, db, { userId });
    const property = fc.asyncProperty(
      fc.array(fc.nat({ max: HOSTILE.length - 1 }), { minLength: 1, maxLength: 3 }),
      fc.nat({ max: 4 }),
      async (chosen, place) => {
        const attacker = chat();
        const others = Array.from({ length: 4 }, chat);
        const evil = chosen.map(
          (which) => ({ role: 'user', content: 'x', extra: HOSTILE[which]?.() }) as AgentInputItem,
        );
        const appends = others.map(
          (other, index) => () => session(other).addItems([said(`of ${index}`), said(`of ${index}`)]),
        );
        appends.splice(place, 0, () => session(attacker).addItems(evil));
        const outcomes = await Promise.allSettled(appends.map((append) => append()));
        for (const [index, outcome] of outcomes.entries()) {
          if (index !== place) expect(outcome.status).toBe('fulfilled');
          else if (outcome.status === 'rejected')
            expect(outcome.reason.code).toMatch(/^(invalid_item|item_too_large)$/);
        }
        for (const [index, other] of others.entries()) {
          expect(await session(other).getItems()).toEqual([said(`of ${index}`), said(`of ${index}`)]);
        }
        const kept = await session(attacker).getItems();
        expect(kept).toHaveLength(outcomes[place]?.status === 'fulfilled' ? evil.length : 0);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test.each(Object.entries(DOORS))(
    'reaches no other chat by %s',
    { timeout: 60_000 },
    async (_name, door) => {
      const db = await open();
      const chosen = fc.array(fc.nat({ max: HOSTILE.length - 1 }), { minLength: 1, maxLength: 3 });
      const property = fc.asyncProperty(chosen, async (which) => {
        const attacker = { chatId: newId(), userId: newUser() };
        await new DatabaseSession(attacker.chatId, db, { userId: attacker.userId }).addItems([
          said('before'),
        ]);
        const evil = which.map((one) => ({ ...said('x'), extra: HOSTILE[one]?.() }));
        const others = Array.from({ length: 4 }, () => ({ chatId: newId(), userId: newUser() }));
        const appends = others.map(({ chatId, userId }) =>
          new DatabaseSession(chatId, db, { userId }).addItems([said('of another'), said('secret')]),
        );
        const [outcome] = await Promise.allSettled([door(db, attacker, evil), ...appends]);
        if (outcome.status === 'rejected')
          expect(outcome.reason.code).toMatch(/^(invalid_item|invalid_request|item_too_large)$/);
        for (const { userId } of others) {
          const stored = [said('of another'), said('secret')].map((item) => JSON.stringify(item));
          expect(await readStored(db, userId)).toBe(stored.join('\n'));
        }
        expect(await readStored(db, attacker.userId)).not.toContain('secret');
      });
      await fc.assert(property, { numRuns: 15 });
    },
  );
});
