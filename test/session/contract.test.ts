import {
  type AgentInputItem,
  MemorySession,
  type SessionHistoryTransactionArgs,
  UserError,
} from '@openai/agents-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createNewChatForUser, DatabaseSession, QuestlogError } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { numbered, userSays } from './items.ts';
import { anySteps, type Call, toCall } from './steps.ts';

/** What the random lives must have reached, or their comparison says little. */
const REACHED = [
  ...['popItem of many', 'append of many', 'replaceSuffix of many', 'repeat of many', 'mutate of many'],
  ...['append refused', 'replaceSuffix refused'],
];

describe.each(DATABASES)('a session on $name', ({ open }) => {
  it('does whatever is asked of it exactly as the SDK’s MemorySession', { timeout: 90_000 }, async () => {
    const db = await open();
    const seen = new Set<string>();
    const anyLife = fc.asyncProperty(anySteps, fc.boolean(), async (steps, begun) => {
      const userId = newUser();
      const chatId = begun ? await createNewChatForUser(db, userId) : newId();
      const session = () => new DatabaseSession(chatId, db, begun ? {} : { userId });
      const kept = session();
      const memory = new MemorySession();
      const earlier: SessionHistoryTransactionArgs[] = [];
      for (const step of steps) {
        const history = await memory.getItems();
        const call = toCall(step, history, earlier);
        const outcome = await outcomeOf(call, memory);
        expect(await outcomeOf(call, kept)).toBe(outcome);
        expect(JSON.stringify(await session().getItems())).toBe(JSON.stringify(await memory.getItems()));
        seen.add(`${step.call} ${outcome === 'refused' ? 'refused' : history.length > 2 ? 'of many' : ''}`);
      }
    });
    const missing = () => REACHED.filter((what) => !seen.has(what));
    for (let lives = 0; lives === 0 || (missing().length > 0 && lives < 300); lives += 30) {
      await fc.assert(anyLife, { numRuns: 30 });
    }
    expect(missing()).toEqual([]);
  });
});

describe.each(DATABASES)('the history of a session on $name', ({ open }) => {
  it('gives the newest items, oldest first, whatever the limit', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    await session.addItems(numbered(5));
    expect(await session.getItems(2)).toEqual(numbered(2, 3));
    expect(await session.getItems(1e300)).toEqual(numbered(5));
    expect(await session.getItems(0)).toEqual([]);
  });

  it.each([Number.NaN, '2', null, {}, 2n])('refuses %s as a limit, by name', async (limit) => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    const read = session.getItems(limit as number);
    await expect(read).rejects.toMatchObject({ code: 'invalid_request', errors: [{ field: 'limit' }] });
  });

  it('hands out copies: what a caller does to an item changes nothing', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    const item: AgentInputItem = { role: 'user', content: 'kept' };
    await session.addItems([item]);
    item.content = 'changed';
    const [read] = await session.getItems();
    Object.assign(read as object, { content: 'changed' });
    expect(await session.getItems()).toEqual([userSays('kept')]);
  });

  it('forgets operation ids when it is cleared', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    const append = (text: string) =>
      session.applyHistoryTransaction({
        operationId: 'op',
        transaction: { type: 'append_items', items: [userSays(text)] },
      });
    await append('one');
    await expect(append('two')).rejects.toMatchObject({ code: 'history_conflict' });
    await session.clearSession();
    await append('two');
    expect(await session.getItems()).toEqual([userSays('two')]);
  });

  it('says history_conflict when the end of the history is not the expected one', async () => {
    const session = new DatabaseSession(newId(), await open(), { userId: newUser() });
    await session.addItems(numbered(2));
    const replace = session.applyHistoryTransaction({
      operationId: 'op',
      transaction: { type: 'replace_suffix', expectedSuffix: numbered(1, 7), replacement: [] },
    });
    await expect(replace).rejects.toMatchObject({ name: 'QuestlogError', code: 'history_conflict' });
  });

  it('has a stable id', async () => {
    const chatId = newId();
    const session = new DatabaseSession(chatId, await open());
    expect([await session.getSessionId(), await session.getSessionId()]).toEqual([chatId, chatId]);
  });
});

/** What came of a call: its value, or that it was refused (the words are each implementation's own). */
async function outcomeOf(call: Call, session: Parameters<Call>[0]): Promise<string> {
  try {
    return `gave ${JSON.stringify(await call(session))}`;
  } catch (error) {
    const refused = error instanceof QuestlogError && REFUSALS.includes(error.code);
    if (refused || error instanceof UserError) return 'refused';
    throw error;
  }
}

const REFUSALS = ['history_conflict', 'invalid_request'];
