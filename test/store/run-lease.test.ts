import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { newId } from '../../src/ids.ts';
import { encodeItems } from '../../src/store/items/item-json.ts';
import { beginRun } from '../../src/store/runs/begin-run.ts';
import { endRun, type RunEnd } from '../../src/store/runs/end-run.ts';
import { resumeRun } from '../../src/store/runs/resume-run.ts';
import { appendRunEvents } from '../../src/store/runs/run-events.ts';
import { appendRunItems } from '../../src/store/runs/run-items.ts';
import { type RunLease, renewLeases } from '../../src/store/runs/runs.ts';
import { DATABASES, newUser } from '../support/databases.ts';

const LEASE_MS = 60_000;
const late = encodeItems([{ role: 'assistant', content: 'late' }]);

async function begin(db: Database): Promise<RunLease> {
  const run = { runId: newId(), userId: newUser(), chatId: newId(), agent: 'A', leaseMs: LEASE_MS };
  const begun = await beginRun(db, { ...run, input: encodeItems([{ role: 'user' }]), title: undefined });
  if (begun === undefined) throw new Error('the chat was busy');
  return begun.lease;
}

const end = (status: RunEnd['status']): RunEnd => ({
  status,
  items: encodeItems([]),
  events: ['{"type":"error"}'],
  firstEvent: 1,
});

/** Everything that a process writes in the name of a run, and what it learns from it. */
async function writeAll(db: Database, lease: RunLease) {
  return {
    items: await appendRunItems(db, lease, late),
    events: [...(await appendRunEvents(db, [{ lease, first: 9, texts: ['{"type":"late"}'] }]))],
    renewed: await renewLeases(db, [lease], LEASE_MS),
    ended: await endRun(db, lease, { ...end('completed'), items: late }),
  };
}

async function contentsOf(db: Database, { userId }: RunLease) {
  const tables = ['chats', 'chat_items', 'runs', 'run_events'];
  return Promise.all(
    tables.map(async (table) => {
      const text = `select to_jsonb(t)::text as row from ${table} t where user_id = $1 order by 1`;
      return (await db.query({ text, values: [userId] })).rows;
    }),
  );
}

const REFUSED = { items: false, events: [], renewed: [], ended: false };

/** How a run stops being its process's. */
const LOSSES: readonly [string, (db: Database, lease: RunLease) => Promise<unknown>][] = [
  ['another process ended it', (db, lease) => endRun(db, lease, end('interrupted'))],
  [
    'it paused and goes on in another process',
    async (db, lease) => {
      await endRun(db, lease, end('awaiting_approval'));
      await resumeRun(db, lease.userId, lease.runId, LEASE_MS);
    },
  ],
  [
    'another run began on the chat',
    async (db, lease) => {
      await endRun(db, lease, end('interrupted'));
      const { userId, chatId } = lease;
      const run = { runId: newId(), userId, chatId: chatId ?? '', agent: 'A', leaseMs: LEASE_MS };
      await beginRun(db, { ...run, input: encodeItems([]), title: undefined });
    },
  ],
];

describe.each(DATABASES)('the lease of a run ($name)', ({ open }) => {
  test('lets its process write', async () => {
    const db = await open();
    const lease = await begin(db);
    expect(await writeAll(db, lease)).toEqual({
      items: true,
      events: [lease.runId],
      renewed: [{ runId: lease.runId, cancelRequested: false }],
      ended: true,
    });
  });

  test.each(LOSSES)('changes nothing once %s', async (_name, lose) => {
    const db = await open();
    const lease = await begin(db);
    await lose(db, lease);
    const before = await contentsOf(db, lease);
    expect(await writeAll(db, lease)).toEqual(REFUSED);
    expect(await contentsOf(db, lease)).toEqual(before);
  });

  test('of another user with the same id writes nothing', async () => {
    const db = await open();
    const lease = await begin(db);
    const before = await contentsOf(db, lease);
    expect(await writeAll(db, { ...lease, userId: newUser() })).toEqual(REFUSED);
    expect(await contentsOf(db, lease)).toEqual(before);
  });
});
