import type { Readable } from 'node:stream';

/**
 * A Node stream as one of the web's types: read only when its reader asks, and destroyed at once when the reader leaves.
 * Node's own `Readable.toWeb` reads ahead, and fails when a stream ends at the moment in which it is cancelled.
 */
export function toWebStream(stream: Readable): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
  // The reader hears of it when it reads on.
  stream.on('error', () => undefined);
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        stream.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
