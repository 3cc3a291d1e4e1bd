import { describe, expect, it } from 'vitest';
import { type NumberedEvent, QuestlogClient } from '../../src/client/index.ts';

const delta = (id: number) => ({ id, event: { type: 'raw_response', kind: 'text_delta', delta: `${id} ` } });
const ended = (id: number) => ({ id, event: { type: 'stream_complete', final_output: 'x' } });
const paused = (id: number) => ({ id, event: { type: 'approval_required', pending: [] } });

type Written = ReturnType<typeof delta> | ReturnType<typeof ended> | ReturnType<typeof paused>;

/** The events as the server writes them; the connection breaks after them unless it says otherwise. */
function stream(events: readonly Written[], { breaks = true, half = '' } = {}): () => Response {
  return () => {
    const text = events
      .map(({ id, event }) => `id: ${id}\nevent: x\ndata: ${JSON.stringify(event)}\n\n`)
      .join('');
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ === 0) controller.enqueue(new TextEncoder().encode(`: hello\n\n${text}${half}`));
        else if (breaks) controller.error(new TypeError('terminated'));
        else controller.close();
      },
    });
    return new Response(body, { headers: { 'x-run-id': 'r1', 'x-session-id': 'a%20b' } });
  };
}

function clientOf(...answers: readonly (() => Response)[]) {
  const asked: { url: string; after: string | null }[] = [];
  const send = (async (url: string, init: RequestInit) => {
    asked.push({ url, after: new Headers(init.headers).get('last-event-id') });
    return (answers[asked.length - 1] as () => Response)();
  }) as typeof fetch;
  return { client: new QuestlogClient({ fetch: send }), asked };
}

async function idsOf(events: AsyncIterable<NumberedEvent>): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of events) ids.push(id);
  return ids;
}

describe('following a run', () => {
  it('gives every event once and in order, however often the connection breaks', async () => {
    const { client, asked } = clientOf(
      stream([delta(1), delta(2)], { half: 'id: 3\ndata: {"type":' }),
      stream([]),
      stream([delta(2), delta(3)]),
      stream([delta(4), ended(5)], { breaks: false }),
    );
    const run = await client.stream({ input: 'x' });
    expect([run.runId, run.chatId]).toEqual(['r1', 'a b']);
    expect(await idsOf(run.events)).toEqual([1, 2, 3, 4, 5]);
    expect(asked.map(({ after }) => after)).toEqual([null, '2', '2', '3']);
    expect(asked[1]?.url).toBe('/runs/r1/events');
  });

  it('tells when the connection is gone and when it is there again', async () => {
    const { client } = clientOf(stream([delta(1)]), stream([ended(2)], { breaks: false }));
    const states: string[] = [];
    await idsOf(client.followRun('r1', { onConnection: (state) => states.push(state) }));
    expect(states).toEqual(['connected', 'reconnecting', 'connected']);
  });

  it('ends with the run even when the connection breaks at that moment', async () => {
    const { client, asked } = clientOf(stream([delta(1), ended(2)]));
    expect(await idsOf(client.followRun('r1'))).toEqual([1, 2]);
    expect(asked).toHaveLength(1);
  });

  it('goes past a pause that the run has left behind, and ends at one that it is in', async () => {
    const { client } = clientOf(stream([delta(1), paused(2), delta(3), paused(4)], { breaks: false }));
    expect(await idsOf(client.followRun('r1'))).toEqual([1, 2, 3, 4]);
  });

  it('ends when the events of an ended run are no longer kept', async () => {
    const { client, asked } = clientOf(stream([], { breaks: false }), () =>
      Response.json({ status: 'completed' }),
    );
    expect(await idsOf(client.followRun('r1', { after: 7 }))).toEqual([]);
    expect(asked.map(({ url, after }) => `${url} ${after}`)).toEqual(['/runs/r1/events 7', '/runs/r1 null']);
  });

  it('fails when there is no such run', async () => {
    const body = { title: 't', status: 404, code: 'run_not_found', detail: 'there is no such run' };
    const { client } = clientOf(() => Response.json(body, { status: 404 }));
    await expect(idsOf(client.followRun('r1'))).rejects.toMatchObject({ code: 'run_not_found' });
  });

  it('ends with the reason of its signal, also while it waits to connect again', async () => {
    const { client } = clientOf(stream([delta(1)]));
    const leave = new AbortController();
    const onConnection = (state: string) => {
      if (state === 'reconnecting') leave.abort(new Error('left'));
    };
    await expect(idsOf(client.followRun('r1', { signal: leave.signal, onConnection }))).rejects.toThrow(
      'left',
    );
  });
});
