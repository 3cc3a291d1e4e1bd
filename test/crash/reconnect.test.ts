import { expect, test } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createGate } from '../support/gate.ts';
import { processStage } from '../support/process-stage.ts';
import type { RunsProcess } from '../support/runs-process.ts';

const RECONNECTS = 20;

/** One event of a stream as its bytes: its lines, and the empty one that ends it. */
const blocksOf = (stream: string) => stream.split(/(?<=\n\n)/);
const isEvent = (block: string) => block.startsWith('id: ') && block.endsWith('\n\n');
const numberOf = (block: string | undefined) => Number(/^id: (\d+)\n/.exec(block ?? '')?.[1] ?? 0);

/** The first `limit` bytes of a body, whose connection is then cut; all of it when it is shorter. */
async function readBytes(reply: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of reply.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    // Cancels the body, which closes its connection.
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit).toString();
}

/** The events of a run for a client whose connection breaks after so many bytes, again and again, then no more. */
async function readBroken(
  servers: readonly RunsProcess[],
  runId: string,
  { cuts, beforeLast }: { readonly cuts: readonly number[]; readonly beforeLast: () => void },
) {
  const events: string[] = [];
  let inEvent = 0;
  for (const [place, limit] of [...cuts, Number.POSITIVE_INFINITY].entries()) {
    if (limit === Number.POSITIVE_INFINITY) beforeLast();
    const server = servers[place % servers.length] as RunsProcess;
    const headers = { 'last-event-id': String(numberOf(events.at(-1))) };
    const reply = await server.ask('GET', `/runs/${runId}/events`, undefined, { headers });
    const read = blocksOf(await readBytes(reply, limit));
    if (read.at(-1)?.endsWith('\n\n') === false) inEvent += 1;
    events.push(...read.filter(isEvent));
  }
  return { events, inEvent };
}

test('a client whose connection breaks twenty times at any byte gets the bytes of one that never left, from one process and from two', async () => {
  const words = Array.from({ length: 300 }, (_, index) => `wörd-${index}-🐉`).join(' ');
  // The run is alive at every cut.
  const allCut = createGate();
  const { start } = await processStage((input) =>
    input.at(-1)?.type === 'function_call_output'
      ? { text: words, pace: 4, hangAfter: 250, until: allCut.opened }
      : { reasoning: 'hm', calls: [{ name: 'record', args: { line: 'once', ms: 1 } }] },
  );
  const [one, other] = await Promise.all([start(), start()]);
  const body = { input: 'go', session_id: newId() };
  const streamed = await one.ask('POST', '/chat/stream', body);
  const runId = String(streamed.headers.get('x-run-id'));
  const stayed = streamed.text();

  const cuts = Array.from({ length: RECONNECTS }, () => 1 + Math.floor(Math.random() * 1_200));
  let cutting = 3;
  const beforeLast = () => {
    cutting -= 1;
    if (cutting === 0) allCut.open();
  };
  const broken = await Promise.all(
    [[one], [one, other], [other]].map((servers) => readBroken(servers, runId, { cuts, beforeLast })),
  );
  const whole = blocksOf(await stayed).filter(isEvent);
  expect(whole.map(numberOf)).toEqual(whole.map((_, index) => index + 1));
  expect(whole.at(-1)).toMatch(/^id: \d+\nevent: stream_complete\ndata: /);
  for (const { events, inEvent } of broken) {
    expect(events, `cut after ${cuts}`).toEqual(whole);
    expect(inEvent).toBeGreaterThan(0);
  }
}, 120_000);

/** Collects what comes of a body until its connection breaks. */
function collect(reply: Response) {
  const chunks: Uint8Array[] = [];
  const events = () => blocksOf(Buffer.concat(chunks).toString()).filter(isEvent);
  const broken = (async () => {
    for await (const chunk of reply.body ?? []) chunks.push(chunk);
  })().catch(() => 'its process has died');
  return { events, broken };
}

test('a client that had events which died with their process, before anybody could store them, still hears how the run ended', async () => {
  const words = Array.from({ length: 5_000 }, (_, index) => `word-${index}`).join(' ');
  const { db, start } = await processStage(() => ({ text: words, pace: 2 }));
  const [one, other] = await Promise.all([start({ leaseMs: 1_500 }), start({ leaseMs: 1_500 })]);
  const streamed = await one.ask('POST', '/chat/stream', { input: 'go', session_id: newId() });
  const runId = String(streamed.headers.get('x-run-id'));
  const { events, broken } = collect(streamed);
  await expect.poll(() => events().length).toBeGreaterThan(20);
  await db.transaction(async (tx) => {
    await tx.query({ text: 'lock table run_events in exclusive mode' });
    // What waits for the lock when its process dies may still be written; what came after it never is.
    const before = events().length;
    await expect.poll(() => events().length).toBeGreaterThan(before + 100);
    await one.program.kill('SIGKILL');
  });
  await broken;
  const seen = events();

  const headers = { 'last-event-id': String(numberOf(seen.at(-1))) };
  const soon = await other.ask('GET', `/runs/${runId}/events`, undefined, { headers });
  const rest = blocksOf(await soon.text()).filter(isEvent);
  expect(rest).toHaveLength(1);
  expect(rest[0]).toMatch(/^id: \d+\nevent: error\n.*"code":"run_interrupted"/);
  expect(numberOf(rest[0])).toBeGreaterThan(numberOf(seen.at(-1)));
  const stored = await other.ask('GET', `/runs/${runId}/events`);
  // What died with its process, or this would show nothing.
  expect(blocksOf(await stored.text()).filter(isEvent).length).toBeLessThan(seen.length);
  const later = await other.ask('GET', `/runs/${runId}/events`, undefined, { headers });
  expect(blocksOf(await later.text()).filter(isEvent)).toEqual(rest);
}, 120_000);
