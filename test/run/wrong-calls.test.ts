import { Agent } from '@openai/agents-core';
import { assistantMessage, ScriptedModel } from '@openai/agents-core/testing';
import { OpenAIProvider } from '@openai/agents-openai';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { newId } from '../../src/ids.ts';
import {
  createChat,
  DatabaseSession,
  getChatById,
  getUserChats,
  runDurably,
  updateChat,
} from '../../src/index.ts';
import { Runs } from '../../src/run/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';

const agent = () => new Agent({ name: 'A', model: new ScriptedModel([[assistantMessage('Hail!')]]) });

/** A function as JavaScript sees it. */
// biome-ignore lint/suspicious/noExplicitAny: what is wrong with the calls below would not compile.
const untyped = (callee: unknown) => callee as (...args: any[]) => Promise<unknown>;

describe.each(DATABASES)(
  'a wrong call from JavaScript is refused in words ($name)',
  ({ open, openEmpty }) => {
    test('naming the argument that is missing or no object', async () => {
      const db = await open();
      const userId = newUser();
      const { chatId } = await createChat(db, userId);
      const session = async (...args: [string, typeof db, object]) => new DatabaseSession(...args);
      const calls: [string, unknown, unknown[]][] = [
        ['userId', runDurably, [agent(), 'hi', { db }]],
        ['userId', runDurably, [agent(), 'hi', { db, userId: 7 }]],
        ['options', runDurably, [agent(), 'hi']],
        ['db', runDurably, [agent(), 'hi', { userId }]],
        ['db', runDurably, [agent(), 'hi', { userId, db: {} }]],
        ['agent', runDurably, [undefined, 'hi', { db, userId }]],
        ['input', runDurably, [agent(), undefined, { db, userId }]],
        ['request', (runs: Runs) => untyped(runs.start).call(runs), [new Runs({ db })]],
        ['chat', createChat, [db, userId, 'A title']],
        ['chat', createChat, [db, userId, null]],
        ['chat', createChat, [db, userId, ['A title']]],
        ['changes', updateChat, [db, chatId, userId, 'A title']],
        ['options', updateChat, [db, chatId, userId, {}, '17']],
        ['options', getChatById, [db, chatId, userId, false]],
        ['options', getUserChats, [db, userId, 10]],
        ['options', session, [chatId, db, userId]],
      ];
      for (const [field, call, args] of calls) {
        const refusal = await untyped(async (...given: unknown[]) => untyped(call)(...given))(...args).catch(
          (error: unknown) => error,
        );
        expect(refusal, field).toMatchObject({ code: 'invalid_request', errors: [{ field }] });
      }
    });

    test('when nobody has migrated the database, or an older version has', async () => {
      const db = await openEmpty();
      const told = { code: 'database_failed', message: expect.stringContaining('call migrate(db) first') };
      const calls = [
        () => createChat(db, 'u'),
        () => new DatabaseSession('c', db, { userId: 'u' }).getItems(),
        () => new DatabaseSession('c', db, { userId: 'u' }).addItems([{ role: 'user', content: 'x' }]),
        () => runDurably(agent(), 'hi', { db, userId: 'u', chatId: newId() }),
      ];
      const untold = () => new DatabaseSession('c', db).getItems();
      for (const call of [...calls, untold]) await expect(call()).rejects.toMatchObject(told);
      await db.exec('create table chats (chat_id text primary key, user_id text)');
      for (const call of calls) await expect(call()).rejects.toMatchObject(told);
    });

    test('when a statement of their own names what is not there, in the words of the database', async () => {
      const missing = (await open()).query({ text: 'select 1 from treasures' });
      await expect(missing).rejects.toMatchObject({
        cause: { message: expect.stringContaining('treasures') },
      });
      await expect(missing).rejects.not.toMatchObject({ message: expect.stringContaining('migrate') });
    });

    test('when there is no model, or no key for it', async () => {
      vi.stubEnv('OPENAI_API_KEY', '');
      onTestFinished(() => void vi.unstubAllEnvs());
      const db = await open();
      const told = { code: 'invalid_configuration', message: expect.stringContaining('OPENAI_API_KEY') };
      const bare = () => new Agent({ name: 'A' });
      await expect(runDurably(bare(), 'hi', { db, userId: newUser() })).rejects.toMatchObject(told);
      const keyless = new Agent({ name: 'A', model: await lazy() });
      await expect(runDurably(keyless, 'hi', { db, userId: newUser() })).rejects.toMatchObject(told);
    });
  },
);

/** A model of OpenAI that asks for its key when it is called. */
async function lazy() {
  const answer = async () => new OpenAIProvider().getModel('gpt');
  return {
    getResponse: async () => (await answer()) as never,
    async *getStreamedResponse() {
      yield (await answer()) as never;
    },
  };
}
