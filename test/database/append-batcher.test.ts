import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createChat, type Database, DatabaseSession, migrate, openDatabase } from '../../src/index.ts';
import { userSays } from '../session/items.ts';
import { counting } from '../support/counting-database.ts';
import { closedAfterTest, createPostgresDatabase, DATABASES, newUser, SERVER } from '../support/databases.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

/** Ids of new chats of the user. */
async function chatsOf(db: Database, userId: string, count: number): Promise<string[]> {
  const chats = Array.from({ length: count }, () => createChat(db, userId));
  return (await Promise.all(chats)).map(({ chatId }) => chatId);
}

/** Appends to each chat at once. */
function appendToAll(
  db: Database,
  userId: string,
  chatIds: readonly string[],
  text = (chatId: string) => chatId,
) {
  return chatIds.map((chatId) =>
    new DatabaseSession(chatId, db, { userId }).addItems([userSays(text(chatId)), userSays('more')]),
  );
}

describe.each(DATABASES)('appends of one process to many chats, at once, on $name', ({ open, openEmpty }) => {
  it('share the statements: two for a hundred of them, each in its own chat', async () => {
    const { db, sent } = counting(await open());
    const userId = newUser();
    const chatIds = await chatsOf(db, userId, 100);
    for (let round = 0; round < 2; round++) {
      sent.length = 0;
      await Promise.all(appendToAll(db, userId, chatIds));
      expect(sent).toHaveLength(2);
    }
    for (const chatId of chatIds) {
      const turn = [userSays(chatId), userSays('more')];
      expect(await new DatabaseSession(chatId, db).getItems()).toEqual([...turn, ...turn]);
    }
    sent.length = 0;
    await Promise.all(appendToAll(db, userId, chatIds.slice(0, 1)));
    expect(sent).toHaveLength(1);
  });

  it('are not all in one statement when they are large', async () => {
    const { db, sent } = counting(await open());
    const userId = newUser();
    const chatIds = await chatsOf(db, userId, 7);
    sent.length = 0;
    await Promise.all(appendToAll(db, userId, chatIds, (chatId) => chatId.padEnd(400_000)));
    // The first alone, then two at a time.
    expect(sent).toHaveLength(4);
  });

  it('make the chats that are not there, and leave alone what is somebody else’s', async () => {
    const db = await open();
    const [userId, stranger] = [newUser(), newUser()];
    const [mine, theirs, unknown] = [
      await chatsOf(db, userId, 3),
      await chatsOf(db, stranger, 3),
      [newId(), newId()],
    ];
    const session = (chatId: string) => new DatabaseSession(chatId, db, { userId });
    const add = (chatId: string) => session(chatId).addItems([userSays('x')]);
    const outcomes = await Promise.allSettled([...mine, ...theirs, ...unknown].map(add));
    expect(outcomes.map(({ status }) => status[0])).toEqual([...'fffrrrff']);
    for (const outcome of outcomes.slice(3, 6))
      expect(outcome).toMatchObject({ reason: { code: 'chat_not_found' } });
    for (const chatId of [...mine, ...unknown])
      expect(await session(chatId).getItems()).toEqual([userSays('x')]);
    for (const chatId of theirs) expect(await new DatabaseSession(chatId, db).getItems()).toEqual([]);
  });

  it('are refused one by one: what the database refuses of one, the others do not hear of', async () => {
    const db = await openEmpty();
    await migrate(db);
    // With a code of its own, as row level security and triggers of others have theirs.
    await db.exec(`create function refuse() returns trigger language plpgsql as $$
        begin raise exception 'bad' using errcode = 'QT001'; end $$;
      create trigger refuse before insert on chat_items for each row
        when (new.item->>'content' = 'bad') execute function refuse()`);
    const userId = newUser();
    const chatIds = await chatsOf(db, userId, 18);
    const text = (chatId: string) => (chatIds.indexOf(chatId) % 3 === 2 ? 'bad' : 'good');
    const outcomes = await Promise.allSettled(appendToAll(db, userId, chatIds, text));
    expect(outcomes.map(({ status }) => status[0])).toEqual([...'ffr'.repeat(6)]);
    for (const chatId of chatIds) {
      const stored = text(chatId) === 'good' ? [userSays('good'), userSays('more')] : [];
      expect(await new DatabaseSession(chatId, db).getItems()).toEqual(stored);
    }
  });

  it('are tried in halves when one of many is refused, not all at once', async () => {
    const { db, sent } = counting(await openEmpty());
    await migrate(db);
    await db.exec(`alter table chat_items add constraint no_bad check (item->>'content' <> 'bad')`);
    const userId = newUser();
    const chatIds = await chatsOf(db, userId, 65);
    sent.length = 0;
    const text = (chatId: string) => (chatId === chatIds[40] ? 'bad' : 'good');
    const outcomes = await Promise.allSettled(appendToAll(db, userId, chatIds, text));
    const refused = outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
    expect(refused).toEqual([40]);
    // The first, the other 64, both halves of what was refused six times, the one that is at fault; and some whose chat
    // was still locked by the statement that was refused, which another connection may say before it lets go.
    expect(sent.length).toBeGreaterThanOrEqual(1 + 1 + 6 * 2 + 1);
    expect(sent.length).toBeLessThan(50);
  });

  it('are tried alone when their statement was the victim of a deadlock', async () => {
    const db = await openEmpty();
    await migrate(db);
    await db.exec(`create function fall() returns trigger language plpgsql as $$ begin
        if (select count(distinct chat_id) from added) > 1 then raise exception 'x' using errcode = '40P01'; end if;
        return null;
      end $$;
      create trigger fall after insert on chat_items referencing new table as added
        for each statement execute function fall()`);
    const userId = newUser();
    const chatIds = await chatsOf(db, userId, 6);
    await Promise.all(appendToAll(db, userId, chatIds));
    for (const chatId of chatIds) {
      const items = await new DatabaseSession(chatId, db).getItems();
      expect(items).toEqual([userSays(chatId), userSays('more')]);
    }
  });
});

const postgres = SERVER;

it.each([0, 1, 2])('wait for nobody’s chat but their own (number %s of three is held)', async (held) => {
  const db = await postgres.open();
  const userId = newUser();
  const chatIds = await chatsOf(db, userId, 3);
  const heldId = chatIds[held] as string;
  const others = chatIds.filter((chatId) => chatId !== heldId);
  const waits = await db.transaction(async (tx) => {
    await new DatabaseSession(heldId, tx).addItems([userSays('first')]);
    let isStored = false;
    const appends = appendToAll(db, userId, chatIds);
    const waiting = appends[held]?.then(() => {
      isStored = true;
    });
    await Promise.all(appends.filter((_, index) => index !== held));
    await Promise.all(appendToAll(db, userId, others));
    expect(isStored).toBe(false);
    return { waiting };
  });
  await waits.waiting;
  const items = await new DatabaseSession(heldId, db).getItems();
  expect(items).toEqual(['first', heldId, 'more'].map(userSays));
});

it.each([10, 5, 3])(
  'that wait for their chats leave connections to everybody else (of %s)',
  async (poolSize) => {
    const url = await createPostgresDatabase();
    const holder = closedAfterTest(await openDatabase(url));
    await migrate(holder);
    const db = closedAfterTest(await openDatabase(url, { poolSize }));
    const [userId, stranger] = [newUser(), newUser()];
    const chatIds = await chatsOf(db, userId, 40);
    const [free, fresh] = [...(await chatsOf(db, stranger, 1)), newId()] as [string, string];
    const appends = await holder.transaction(async (tx) => {
      await tx.query({ text: 'select 1 from chats where user_id = $1 for update', values: [userId] });
      const waiting = appendToAll(db, userId, chatIds);
      for (const chatId of [free, fresh]) {
        const session = new DatabaseSession(chatId, db, { userId: stranger });
        await session.addItems([userSays('not held')]);
        expect(await session.getItems()).toEqual([userSays('not held')]);
      }
      return { waiting };
    });
    await Promise.all(appends.waiting);
    for (const chatId of chatIds) {
      expect(await new DatabaseSession(chatId, db).getItems()).toEqual([userSays(chatId), userSays('more')]);
    }
  },
);

it('of several processes all get their place: nothing is lost, nothing is there twice, each keeps its order', async () => {
  const url = await createPostgresDatabase();
  const processes = [1, 2, 3].map(async () => closedAfterTest(await openDatabase(url, { poolSize: 4 })));
  const dbs = await Promise.all(processes);
  await migrate(dbs[0] as Database);
  const userId = newUser();
  const chatIds = await chatsOf(dbs[0] as Database, userId, 8);
  await Promise.all(
    dbs.flatMap((db, who) =>
      chatIds.map(async (chatId) => {
        const session = new DatabaseSession(chatId, db, { userId });
        for (let turn = 0; turn < 25; turn++) await session.addItems([userSays(`${who} ${turn}`)]);
      }),
    ),
  );
  for (const chatId of chatIds) {
    const texts = (await new DatabaseSession(chatId, dbs[0] as Database).getItems()).map((item) =>
      String('content' in item && item.content),
    );
    for (const who of dbs.keys()) {
      const own = texts.filter((text) => text.startsWith(`${who} `));
      expect(own).toEqual(Array.from({ length: 25 }, (_, turn) => `${who} ${turn}`));
    }
  }
});

it('whose connection breaks fail, and the database takes the next ones', async () => {
  const proxy = await startTcpProxy(await createPostgresDatabase());
  const db = closedAfterTest(await openDatabase(proxy.url));
  await migrate(db);
  const userId = newUser();
  const chatIds = await chatsOf(db, userId, 20);
  const outcomes = Promise.allSettled(appendToAll(db, userId, chatIds));
  await proxy.cut();
  const failed = (await outcomes).filter(({ status }) => status === 'rejected');
  expect(failed).not.toEqual([]);
  // What was sent may have been stored; what still waited for a connection was not.
  const code = expect.stringMatching(/^(outcome_unknown|database_unavailable)$/);
  for (const outcome of failed) expect(outcome).toMatchObject({ reason: { code } });
  await proxy.mend();
  await Promise.all(appendToAll(db, userId, chatIds));
  for (const chatId of chatIds) {
    const { length } = await new DatabaseSession(chatId, db).getItems();
    // What was not acknowledged is there as a whole, or not at all.
    expect([2, 4]).toContain(length);
  }
});

it('are refused one by one whatever language the server speaks', async () => {
  const inPortuguese = (answer: Buffer) =>
    Buffer.from(answer.toString('latin1').replaceAll('SERROR\0', 'SFALHA\0'), 'latin1');
  const proxy = await startTcpProxy(await createPostgresDatabase(), inPortuguese);
  const db = closedAfterTest(await openDatabase(proxy.url));
  await migrate(db);
  await db.exec(`alter table chat_items add constraint no_bad check (item->>'content' <> 'bad')`);
  const userId = newUser();
  const chatIds = await chatsOf(db, userId, 4);
  for (const ids of [chatIds, chatIds.map(() => chatIds[0] as string)]) {
    const appends = ids.map((chatId, index) =>
      new DatabaseSession(chatId, db, { userId }).addItems([userSays(index === 2 ? 'bad' : 'good')]),
    );
    const outcomes = await Promise.allSettled(appends);
    expect(outcomes.map(({ status }) => status[0])).toEqual([...'ffrf']);
    expect(outcomes[2]).toMatchObject({ reason: { cause: { severity: 'FALHA' } } });
  }
});
