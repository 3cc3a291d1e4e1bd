import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it, onTestFinished, type TestContext } from 'vitest';
import { newId } from '../../src/ids.ts';
import {
  createChat,
  type Database,
  DatabaseSession,
  deleteChat,
  getChatById,
  getChatCount,
  getUserChats,
  hardDeleteChat,
  migrate,
  openDatabase,
} from '../../src/index.ts';
import { distribute, planDistribution } from '../../src/store/distribution/distribute.ts';
import { userSays } from '../session/items.ts';
import { createCluster } from '../support/citus.ts';
import { closedAfterTest, createPostgresDatabase, newUser } from '../support/databases.ts';
import { asAdmin } from '../support/postgres-server.ts';
import { liveOn, Watcher } from '../support/watching.ts';

const open = async (url: string) => closedAfterTest(await openDatabase(url));

describe('a database without Citus', () => {
  it('is not distributed, and is told what is missing', async () => {
    const db = await open(await createPostgresDatabase());
    await migrate(db);
    for (const attempt of [planDistribution(db), distribute(db)])
      await expect(attempt).rejects.toMatchObject({ code: 'invalid_request', message: /has no Citus/ });
    expect((await open('memory://')).isDistributed).toBe(false);
  });
});

/** The coordinator, where there is one. */
function clusterOf({ skip }: TestContext): string {
  const url = process.env.CITUS_URL;
  if (!url) skip('CITUS_URL names no cluster');
  return url as string;
}

/** Everything that a user has. */
async function readAll(db: Database, userId: string) {
  const chats = await getUserChats(db, userId, { activeOnly: false });
  return {
    chats: await Promise.all(
      chats.map(({ chatId }) => getChatById(db, chatId, userId, { activeOnly: false })),
    ),
    counts: [await getChatCount(db, userId), await getChatCount(db, userId, { deletedOnly: true })],
  };
}

describe('a database on a cluster', { timeout: 300_000 }, () => {
  it('is distributed with all that it has, goes on where it was cut off, and is told from a plain one', async (context) => {
    const url = await createCluster(clusterOf(context), inject('postgres').prefix);
    const db = await open(url);
    await expect(planDistribution(db)).rejects.toMatchObject({ message: /questlog migrate first/ });
    await migrate(db);
    const users = Array.from({ length: 8 }, newUser);
    for (const userId of users) {
      for (const title of ['kept', 'deleted', 'gone']) {
        const { chatId } = await createChat(db, userId, {
          title,
          conversation: [userSays(title), userSays('more')],
        });
        if (title === 'deleted') await deleteChat(db, chatId, userId);
        if (title === 'gone') await hardDeleteChat(db, chatId, userId);
      }
    }
    const before = await Promise.all(users.map((userId) => readAll(db, userId)));
    const planned = (await planDistribution(db)).map(({ name }) => name);

    // Each attempt does a few steps more.
    const done: string[] = [];
    while ((await planDistribution(db)).length > 0) {
      let steps = 0;
      const cutOff = new Error('cut off');
      await distribute(db, ({ name }) => {
        if (steps === 3) throw cutOff;
        steps += 1;
        done.push(name);
      }).catch((error) => expect(error).toBe(cutOff));
    }
    expect(new Set(done)).toEqual(new Set(planned));
    expect(await planDistribution(db)).toEqual([]);
    expect(db.isDistributed).toBe(false);
    const distributed = await open(url);
    expect(distributed.isDistributed).toBe(true);
    expect(await Promise.all(users.map((userId) => readAll(distributed, userId)))).toEqual(before);
    const { rows } = await asAdmin(url, (client) =>
      client.query(
        `select c.relname from pg_class c join pg_dist_partition p on p.logicalrelid = c.oid where pg_relation_size(c.oid) > 0`,
      ),
    );
    expect(rows).toEqual([]);
    await migrate(distributed);
  });

  it('is distributed once by two at once, and counts what a server has made meanwhile', async (context) => {
    const url = await createCluster(clusterOf(context), inject('postgres').prefix);
    const dbs = [await open(url), await open(url)] as const;
    const [db] = dbs;
    await migrate(db);
    const planned = (await planDistribution(db)).map(({ name }) => name);
    const userId = newUser();
    const done: string[] = [];
    const cutOff = new Error('cut off');
    const distributeBoth = (last?: string) =>
      Promise.all(
        dbs.map((one) =>
          distribute(one, ({ name }) => {
            if (name === last) throw cutOff;
            done.push(name);
          }).catch((error) => expect(error).toBe(cutOff)),
        ),
      );
    await distributeBoth('make the triggers');
    await createChat(db, userId);
    await distributeBoth();
    expect(done).toEqual(planned);
    expect(await getChatCount(db, userId)).toBe(1);
  });

  it('has a chat of the same id for each user, and a session has to say whose it is', async (context) => {
    clusterOf(context);
    const db = await open(inject('cluster') as string);
    const [chatId, ann, bob] = [newId(), newUser(), newUser()];
    for (const userId of [ann, bob]) {
      const session = new DatabaseSession(chatId, db, { userId });
      expect(await session.getItems()).toEqual([]);
      await session.addItems([userSays(userId)]);
      expect(await session.getItems()).toEqual([userSays(userId)]);
    }
    const session = new DatabaseSession(chatId, db);
    for (const attempt of [session.getItems(), session.addItems([userSays('x')]), session.popItem()])
      await expect(attempt).rejects.toMatchObject({ code: 'invalid_request', message: /user_id/ });
  });

  it('loses all items of a long chat in one statement', async (context) => {
    clusterOf(context);
    const db = await open(inject('cluster') as string);
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    const session = new DatabaseSession(chatId, db, { userId });
    for (let slice = 0; slice < 4; slice += 1)
      await session.addItems(Array.from({ length: 5_000 }, (_, place) => userSays(`${slice} ${place}`)));
    await session.clearSession();
    expect(await session.getItems()).toEqual([]);
  });

  it('keeps concurrent appends whole and in order', async (context) => {
    clusterOf(context);
    const db = await open(inject('cluster') as string);
    const places = Array.from({ length: 20 }, () => ({ chatId: newId(), userId: newUser() }));
    const turns = Array.from({ length: 20 }, (_, turn) => [userSays(`${turn} a`), userSays(`${turn} b`)]);
    await Promise.all(
      places.flatMap(({ chatId, userId }) =>
        turns.map((turn) => new DatabaseSession(chatId, db, { userId }).addItems(turn)),
      ),
    );
    for (const { chatId, userId } of places)
      expect(await new DatabaseSession(chatId, db, { userId }).getItems()).toEqual(turns.flat());
  });

  it('signals what a transaction changed that was open for longer than a poll', async (context) => {
    clusterOf(context);
    const db = await open(inject('cluster') as string);
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    const live = await liveOn(db, { pollMs: 100 });
    const watcher = await Watcher.of(live, userId);
    // Another process, which tells nobody.
    const other = await open(inject('cluster') as string);
    await other.transaction(async (tx) => {
      await new DatabaseSession(chatId, tx, { userId }).addItems([userSays('late')]);
      await sleep(3_500);
    }, userId);
    expect(await watcher.signal('items_appended')).toMatchObject({ chat_id: chatId });
    onTestFinished(() => live.close());
  });
});
