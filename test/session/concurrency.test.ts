import type { AgentInputItem } from '@openai/agents-core';
import { afterAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { type Database, DatabaseSession, migrate, openDatabase } from '../../src/index.ts';
import { createPostgresDatabase, DATABASES, newUser } from '../support/databases.ts';
import { userSays } from './items.ts';

/** What one client writes: its batches, whose items know where they belong. */
interface Mark {
  readonly client: number;
  readonly batch: number;
  readonly index: number;
  readonly size: number;
}

let wide: Promise<readonly Database[]> | undefined;

/** Each database stands for a process: what waits in one of them for a chat is written together. */
const ENGINES = DATABASES.map(({ name, open }) =>
  name === 'PGlite'
    ? { name, clients: 12, openAll: async (): Promise<readonly Database[]> => [await open()] }
    : { name, clients: 64, openAll: openWide },
);

const BATCHES = 6;

afterAll(async () => {
  for (const db of (await wide) ?? []) await db.close();
});

describe.each(ENGINES)('$clients clients at once on $name', ({ clients, openAll }) => {
  const everyone = Array.from({ length: clients }, (_, client) => client);

  it('append to a chat that none of them has begun: no gap, no duplicate, each client’s order', async () => {
    const { db, dbOf } = shared(await openAll());
    const [chatId, userId] = [newId(), newUser()];
    await Promise.all(
      everyone.map(async (client) => {
        const session = new DatabaseSession(chatId, dbOf(client), { userId });
        for (let batch = 0; batch < BATCHES; batch++) await session.addItems(batchOf(client, batch));
      }),
    );
    const marks = await marksOf(db, chatId);
    for (const client of everyone) {
      const expected = Array.from({ length: BATCHES }, (_, batch) => batchOf(client, batch)).flat();
      expect(marks.filter((mark) => mark.client === client).map(toItem)).toEqual(expected);
    }
    expectWholeBatches(marks);
    expect(await positionsOf(db, chatId)).toEqual(marks.map((_, position) => position));
  });

  it('pop while others append: every item is popped once or still there', async () => {
    const { db, dbOf } = shared(await openAll());
    const [chatId, userId] = [newId(), newUser()];
    const popped: AgentInputItem[] = [];
    await Promise.all(
      everyone.map(async (client) => {
        const session = new DatabaseSession(chatId, dbOf(client), { userId });
        for (let batch = 0; batch < BATCHES; batch++) {
          if (client % 2 === 0) await session.addItems(batchOf(client, batch));
          else popped.push(...[await session.popItem()].filter((item) => item !== undefined));
        }
      }),
    );
    expect(popped.length).toBeGreaterThan(0);
    const left = await new DatabaseSession(chatId, db).getItems();
    const added = everyone
      .filter((client) => client % 2 === 0)
      .flatMap((client) => Array.from({ length: BATCHES }, (_, batch) => batchOf(client, batch)).flat());
    expect([...popped, ...left].map(textOf).sort()).toEqual(added.map(textOf).sort());
  });

  it('pop the same chat until it is empty: nobody gets what another got', async () => {
    const { db, dbOf } = shared(await openAll());
    const [chatId, userId] = [newId(), newUser()];
    const items = Array.from({ length: clients * 2 }, (_, index) => userSays(String(index)));
    await new DatabaseSession(chatId, db, { userId }).addItems(items);
    const popped = await Promise.all(
      items.map((_, index) => new DatabaseSession(chatId, dbOf(index), { userId }).popItem()),
    );
    expect(popped.map((item) => Number(textOf(item as AgentInputItem))).sort((a, b) => a - b)).toEqual(
      items.map((_, index) => index),
    );
    expect(await new DatabaseSession(chatId, db).popItem()).toBeUndefined();
  });
});

describe.each(ENGINES)('$clients clients of every kind at once on $name', ({ clients, openAll }) => {
  const everyone = Array.from({ length: clients }, (_, client) => client);

  it('do everything to one chat: nothing fails, no batch is torn, no position is used twice', async () => {
    const { db, dbOf } = shared(await openAll());
    const [chatId, userId] = [newId(), newUser()];
    await Promise.all(
      everyone.map(async (client) => {
        const session = new DatabaseSession(chatId, dbOf(client), { userId });
        for (let batch = 0; batch < BATCHES; batch++) await act(session, client, batch);
      }),
    );
    const marks = await marksOf(db, chatId);
    expectWholeBatches(marks);
    expect(new Set(marks.map((mark) => JSON.stringify(mark))).size).toBe(marks.length);
    const { rows } = await db.query({
      text: `select count(distinct position)::int as positions, count(*)::int as rows,
          max(position) < (select next_position from chats where chat_id = $1) as below
        from (select chat_id, position from chat_items union all select chat_id, position from archived_items) as x
        where chat_id = $1`,
      values: [chatId],
    });
    expect(rows).toEqual([{ positions: rows[0]?.rows, rows: rows[0]?.rows, below: true }]);
    await new DatabaseSession(chatId, db).addItems([userSays('still works')]);
  });

  it('send the same operation four times at once: it is applied once', async () => {
    const { db, dbOf } = shared(await openAll());
    const [chatId, userId] = [newId(), newUser()];
    await Promise.all(
      Array.from({ length: clients * 4 }, (_, index) => {
        const round = index % clients;
        return new DatabaseSession(chatId, dbOf(index), { userId }).applyHistoryTransaction({
          operationId: `op-${round}`,
          transaction: { type: 'append_items', items: batchOf(round, 0) },
        });
      }),
    );
    const marks = await marksOf(db, chatId);
    expectWholeBatches(marks);
    expect(new Set(marks.map(({ client }) => client)).size).toBe(clients);
    expect(marks).toHaveLength(everyone.flatMap((client) => batchOf(client, 0)).length);
  });
});

/** One of the things that a session can do, another for each client and batch. */
async function act(session: DatabaseSession, client: number, batch: number): Promise<void> {
  const items = batchOf(client, batch);
  const operationId = `${client}-${batch}`;
  switch ((client + batch) % 6) {
    case 0:
      return session.replaceHistoryWithCompaction(items);
    case 1:
      return session.applyHistoryTransaction({ operationId, transaction: { type: 'append_items', items } });
    case 2: {
      // Takes back a batch that nobody may have written after, or fails because somebody has.
      await session.addItems(items);
      const transaction = { type: 'replace_suffix' as const, expectedSuffix: items, replacement: [] };
      return session.applyHistoryTransaction({ operationId, transaction }).catch((error) => {
        expect(error).toMatchObject({ code: 'history_conflict' });
      });
    }
    case 3:
      return client % 4 === 0 ? session.clearSession() : session.addItems(items);
    default:
      return session.addItems(items);
  }
}

function batchOf(client: number, batch: number): AgentInputItem[] {
  const size = ((client + batch) % 3) + 1;
  return Array.from({ length: size }, (_, index) => toItem({ client, batch, index, size }));
}

function toItem(mark: Mark): AgentInputItem {
  return userSays(JSON.stringify(mark));
}

function textOf(item: AgentInputItem): string {
  return String('content' in item && item.content);
}

async function marksOf(db: Database, chatId: string): Promise<Mark[]> {
  const items = await new DatabaseSession(chatId, db).getItems();
  return items.map((item) => JSON.parse(textOf(item)) as Mark);
}

/** Each batch stands together, from its first item to its last. */
function expectWholeBatches(marks: readonly Mark[]): void {
  let next = 0;
  while (next < marks.length) {
    const { client, batch, size } = marks[next] as Mark;
    const whole = Array.from({ length: size }, (_, index) => ({ client, batch, index, size }));
    expect(marks.slice(next, next + size)).toEqual(whole);
    next += size;
  }
}

async function positionsOf(db: Database, chatId: string): Promise<number[]> {
  const { rows } = await db.query({
    text: 'select position::int as position from chat_items where chat_id = $1 order by chat_items.position',
    values: [chatId],
  });
  return rows.map(({ position }) => Number(position));
}

function shared(all: readonly Database[]) {
  return { db: all[0] as Database, dbOf: (client: number) => all[client % all.length] as Database };
}

/** A database of its own, opened eight times, with a connection for every client in all. */
function openWide(): Promise<readonly Database[]> {
  wide ??= createPostgresDatabase().then(async (url) => {
    const all = await Promise.all(Array.from({ length: 8 }, () => openDatabase(url, { poolSize: 8 })));
    await migrate(all[0] as Database);
    return all;
  });
  return wide;
}
