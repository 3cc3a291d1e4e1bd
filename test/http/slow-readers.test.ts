import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { Agent } from '@openai/agents-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Runs } from '../../src/run/runs.ts';
import type { Run } from '../../src/run/types.ts';
import type { EventText } from '../../src/store/runs/run-events.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { createGate } from '../support/gate.ts';
import { countHeld, watchPages, watchStreams } from '../support/heap.ts';
import { appOn, runsOn } from '../support/runs.ts';
import { openStream, readAll } from '../support/slow-reader.ts';

type Open = (typeof DATABASES)[0]['open'];

const MB = 1_000_000;
const LETTERS = 10_000;
/** Megabytes, on a busy machine. */
const TIMEOUT = 120_000;

type Reply = ServerResponse & { readonly body: Readable };

function bufferedBy({ writableLength, socket, body }: Reply): number {
  return writableLength + (socket?.writableLength ?? 0) + body.readableLength;
}

/** Two servers on a database, the first of which runs an agent that thinks aloud so much, then waits for the gate. */
async function stage(open: Open, pieces: number, letters: number, rest?: () => Promise<void>) {
  const db = await open();
  const gate = createGate();
  const agent = new Agent({ name: 'A', model: floodModel(pieces, letters, gate.opened, rest) });
  const runs = runsOn(db);
  // No reply has a heartbeat in it, however long it takes.
  const options = { heartbeatMs: 2 ** 30 };
  const here = await appOn(runs, db, agent, newUser(), options);
  const elsewhere = runsOn(db);
  const there = await appOn(elsewhere, db, agent, here.userId, options);
  const replies: WeakRef<Reply>[] = [];
  here.app.addHook('onSend', async (_request, { raw }, body) => {
    replies.push(new WeakRef(Object.assign(raw, { body: body as Readable })));
  });
  const [url, other] = await Promise.all(
    [here, there].map(({ app }) => app.listen({ host: '127.0.0.1', port: 0 })),
  );
  const headers = { 'x-test-user': here.userId };
  return {
    db,
    gate,
    runs,
    elsewhere,
    userId: here.userId,
    replies,
    begin: () => openStream(`${url}/chat/stream`, { method: 'POST', body: { input: 'go' }, headers }),
    follow: (id: string) => openStream(`${url}/runs/${id}/events`, { headers }),
    followElsewhere: (id: string) => openStream(`${other}/runs/${id}/events`, { headers }),
  };
}

/** What the readers of a process hold on to: their signals, their iterators, their events, what a shutdown waits for. */
function watch(runs: Runs) {
  const signals: WeakRef<AbortSignal>[] = [];
  const given: WeakRef<EventText>[] = [];
  let reading = 0;
  let delivering = 0;
  const watched = (run: Run): Run => ({
    ...run,
    async *eventTexts(after, signal) {
      if (signal !== undefined) signals.push(new WeakRef(signal));
      reading += 1;
      try {
        for await (const event of run.eventTexts(after, signal)) {
          given.push(new WeakRef(event));
          yield event;
        }
      } finally {
        reading -= 1;
      }
    },
    deliver: (received) => {
      delivering += 1;
      const done = () => {
        delivering -= 1;
      };
      received.then(done, done);
      run.deliver(received);
    },
  });
  const { start, follow } = runs;
  runs.start = async (request) => watched(await start.call(runs, request));
  runs.follow = async (user, id, after) => watched(await follow.call(runs, user, id, after));
  return { signals, given, state: () => ({ reading, delivering }) };
}

describe.each(DATABASES)('a reader that stops reading ($name)', ({ open }) => {
  test(
    'costs its run nothing and the process little, and gets the bytes of one that never stopped',
    async () => {
      const logs = watchStreams();
      const staged = await stage(open, 900, LETTERS, logs.stored);
      const { db, gate, runs, userId, begin, follow, followElsewhere } = staged;
      const pages = watchPages(db);
      const { given } = watch(runs);
      const starter = await begin();
      const id = String(starter.headers['x-run-id']);
      const slow = [starter, await follow(id)];
      gate.open();
      expect(await (await runs.find(userId, id)).result()).toMatchObject({ final_output: 'Done.' });
      slow.push(await follow(id));
      const replies = staged.replies.map((ref) => ref.deref() as Reply);
      await expect.poll(() => replies.map((reply) => reply.writableNeedDrain)).toEqual([true, true, true]);
      for (const reply of replies) {
        expect(reply.writableEnded).toBe(false);
        expect(bufferedBy(reply)).toBeLessThan(MB);
      }
      // A reader holds one page, and of what it has passed on no more than that.
      expect(pages.largest()).toBeLessThan(MB);
      const held = (await countHeld([...logs.said, ...given])) * LETTERS + logs.kept();
      expect(held + replies.length * pages.largest()).toBeLessThan(5 * MB);

      slow.push(await followElsewhere(id));
      const whole = await readAll(await follow(id));
      expect(whole.length).toBeGreaterThan(9 * MB);
      expect(whole).toMatch(/event: stream_complete\ndata: .*\n\n$/);
      for (const reader of slow) expect((await readAll(reader)) === whole).toBe(true);
    },
    TIMEOUT,
  );
});

/** @returns how many intervals go on of those that are begun from now until the test ends. It holds on to none. */
function watchIntervals(): () => number {
  const { setInterval: begin, clearInterval: end } = globalThis;
  const open = new WeakSet<object>();
  let count = 0;
  const counting = {
    setInterval(work: () => void, ms: number) {
      const interval = begin(work, ms);
      open.add(interval);
      count += 1;
      return interval;
    },
    clearInterval(interval: NodeJS.Timeout | undefined) {
      if (interval !== undefined && open.delete(interval)) count -= 1;
      end(interval);
    },
  };
  Object.assign(globalThis, counting);
  onTestFinished(() => {
    Object.assign(globalThis, { setInterval: begin, clearInterval: end });
  });
  return () => count;
}

describe.each(DATABASES)('a reader that vanishes ($name)', ({ open }) => {
  test(
    'leaves nothing behind in a process that only reads the run either',
    async () => {
      const { gate, elsewhere, begin, followElsewhere } = await stage(open, 10, 100);
      const { signals, state } = watch(elsewhere);
      const starter = await begin();
      const id = String(starter.headers['x-run-id']);
      const readers = await Promise.all(Array.from({ length: 20 }, () => followElsewhere(id)));
      await expect.poll(state).toEqual({ reading: 20, delivering: 20 });
      for (const reader of readers) reader.destroy();
      await expect.poll(state).toEqual({ reading: 0, delivering: 0 });
      await expect.poll(() => countHeld(signals)).toBe(0);
      gate.open();
      expect(await readAll(starter)).toMatch(/event: stream_complete\n/);
    },
    TIMEOUT,
  );

  test(
    'leaves nothing behind while the run goes on, whether it was up to date or stuck',
    async () => {
      const intervals = watchIntervals();
      for (const [pieces, letters] of [
        [1, 100],
        [800, 10_000],
      ] as const) {
        const { gate, runs, userId, begin, follow } = await stage(open, pieces, letters);
        const { signals, state } = watch(runs);
        const starter = await begin();
        const id = String(starter.headers['x-run-id']);
        const whole = readAll(await follow(id));
        await expect.poll(state).toEqual({ reading: 2, delivering: 2 });
        const before = intervals();
        const readers = [starter, ...(await Promise.all(Array.from({ length: 20 }, () => follow(id))))];
        await expect.poll(state).toEqual({ reading: 22, delivering: 22 });
        expect(intervals()).toBe(before + 20);
        for (const reader of readers) reader.destroy();
        await expect.poll(state).toEqual({ reading: 1, delivering: 1 });
        await expect.poll(intervals).toBe(before - 1);
        await expect.poll(() => countHeld(signals)).toBe(1);
        gate.open();
        expect(await (await runs.find(userId, id)).result()).toMatchObject({ final_output: 'Done.' });
        expect(await whole).toMatch(/event: stream_complete\n/);
        await expect.poll(state).toEqual({ reading: 0, delivering: 0 });
      }
    },
    TIMEOUT,
  );
});
