import type { AgentInputItem } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { DatabaseSession } from '../../src/session/database-session.ts';
import { DATABASES } from '../support/databases.ts';
import { lastAsked, talkTo } from './stage.ts';

const said = (content: string): AgentInputItem => ({ role: 'user', content });

/** What another user of the library does to a chat between the beginning of a run and its reading of the history. */
const CHANGES: Readonly<Record<string, (session: DatabaseSession) => Promise<unknown>>> = {
  'has cleared the chat': (session) => session.clearSession(),
  'has popped it': (session) => session.popItem(),
  'has replaced the history': (session) => session.replaceHistoryWithCompaction([said('a summary')]),
};

/** `db`, on which `work` is done once, just before a history is read. */
function interrupted(db: Database, work: () => Promise<unknown>): Database {
  let isDone = false;
  const driver = new Proxy(db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: [{ readonly name?: string }]) => {
        const isFirst = name === 'query' && args[0].name === 'get_items' && !isDone;
        isDone ||= isFirst;
        if (isFirst) await work();
        return Reflect.apply(member, target, args);
      };
    },
  });
  return new Database(driver);
}

describe.each(DATABASES)('a run answers its message ($name)', ({ open }) => {
  test.each(Object.entries(CHANGES))('when somebody %s before the model is asked', async (_, change) => {
    const db = await open();
    const session = () => new DatabaseSession(talk.chatId, db, { userId: talk.userId });
    const { talk, say, api } = await talkTo(
      interrupted(db, () => change(session())),
      () => ({ text: 'Fine.' }),
    );
    await session().replaceHistoryWithCompaction([said('of before')]);
    expect((await say('What is the time?')).json()).toMatchObject({ final_output: 'Fine.' });
    expect(lastAsked(api).match(/What is the time\?/g)).toHaveLength(1);
  });
});
