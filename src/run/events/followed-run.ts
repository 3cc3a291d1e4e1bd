import type { RunEvent } from '../../wire/events.ts';
import { toResult } from '../outcome/result.ts';
import type { Run, RunResult } from '../types.ts';
import type { Consumers } from './consumers.ts';
import { type EventSource, readEvents } from './event-reader.ts';

/** A run of any process, to follow and to wait for. */
export function followRun(
  source: EventSource,
  consumers: Consumers,
  /** While this process executes it. */
  result: Promise<RunResult> | undefined,
): Run {
  const { poller, userId, runId, chatId } = source;
  const eventTexts: Run['eventTexts'] = (after = 0, signal = neverAborted()) =>
    readEvents(source, after, () => consumers.connect(signal));
  return {
    runId,
    chatId,
    joined: false,
    eventTexts,
    async *events(after, signal) {
      for await (const { id, text } of eventTexts(after, signal)) {
        yield { id, event: JSON.parse(text) as RunEvent };
      }
    },
    result: async (signal = neverAborted()) =>
      result ?? toResult(await poller.waitForEnd(userId, runId, signal)),
    deliver: (received) => consumers.trackDelivery(received),
  };
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
