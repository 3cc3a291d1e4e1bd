import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerEvents, type ServerEvent } from '../../src/client/runs/server-events.ts';

const NEVER_IDLE_MS = 60_000;

describe('a stream of server-sent events', () => {
  it('is read alike however its bytes are cut', async () => {
    const text =
      ': hello\n\nid: 1\nevent: a\ndata: {"x":"é🙂"}\n\nid: 2\r\ndata:two\r\ndata: lines\r\n\r\ndata\rid\r\r';
    const expected = [
      { id: '1', event: 'a', data: '{"x":"é🙂"}' },
      { id: '2', event: 'message', data: 'two\nlines' },
      { id: '', event: 'message', data: '' },
    ];
    const bytes = new TextEncoder().encode(`${text}\n`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
        expect(await readAll(cut(bytes, cuts))).toEqual(expected);
      }),
    );
  });

  it('drops an event that has no end', async () => {
    expect(await readAll([new TextEncoder().encode('data: 1\n\ndata: 2\n')])).toEqual([
      { id: '', event: 'message', data: '1' },
    ]);
  });

  it('counts as broken when it falls silent', async () => {
    const silent = new ReadableStream<Uint8Array>();
    await expect(readServerEvents(silent, 5).next()).rejects.toThrow('nothing came');
  });
});

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts, bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.slice(places[index], end));
}

async function readAll(pieces: readonly Uint8Array[]): Promise<ServerEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const events: ServerEvent[] = [];
  for await (const event of readServerEvents(body, NEVER_IDLE_MS)) events.push(event);
  return events;
}
