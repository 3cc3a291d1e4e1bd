import type { Queryable } from '../../driver/driver.ts';
import { invalidField, QuestlogError } from '../../errors.ts';
import { type EventPage, type EventText, hasRunEvents } from '../../store/runs/run-events.ts';
import type { RunRow } from '../../store/runs/runs.ts';
import type { ErrorEvent } from '../../wire/events.ts';
import { toProblem } from '../../wire/problem.ts';
import { chatRemovedError } from '../outcome/failure.ts';
import type { ResumableStream } from './resumable-stream.ts';
import type { RunPoller } from './run-poller.ts';

export interface EventSource {
  readonly poller: RunPoller;
  readonly userId: string;
  readonly runId: string;
  readonly chatId: string | null;
  /** The stream of the run while this process executes it. */
  readonly stream: ResumableStream | undefined;
}

/** One consumer of a stream. */
export interface Consumer {
  readonly signal: AbortSignal;
  readonly leave: () => void;
}

/**
 * The events of a run after number `after`, those to come included: from memory where the run is, from the database for
 * every other process and for later. Ends with the run, when the run pauses for approvals, and with an error event when
 * the run is removed together with its chat.
 *
 * @param connect is called when the first event is asked for.
 */
export async function* readEvents(
  source: EventSource,
  after: number,
  connect: () => Consumer,
): AsyncGenerator<EventText> {
  const { stream } = source;
  const { signal, leave } = connect();
  // Once for each reader: to listen for the end of every wait would take longer than the rest.
  const wake = () => stream?.wakeConsumers();
  signal.addEventListener('abort', wake);
  try {
    let last = after;
    let isUpToDate = false;
    while (!signal.aborted) {
      const here = stream?.readPageAfter(last);
      const page: EventPage | undefined =
        here ?? (await readFromDatabase(source, last, isUpToDate ? signal : undefined));
      if (signal.aborted) return;
      if (page === undefined) {
        yield { id: last + 1, text: JSON.stringify(toRemovedEvent(source)) };
        return;
      }
      for (const event of page.events) yield event;
      last = page.events.at(-1)?.id ?? last;
      if (page.over) return;
      if (here === undefined) isUpToDate ||= page.events.length === 0;
      else if (page.events.length === 0) await stream?.waitForChange();
    }
  } finally {
    signal.removeEventListener('abort', wake);
    leave();
  }
}

/**
 * Makes sure that the events after a number can still be read.
 *
 * @param stream of the run while this process executes it.
 * @throws QuestlogError `invalid_request` for a number that no event has had; `events_expired` when the run is over and
 * what came after that event is not kept any more.
 */
export async function assertResumable(
  db: Queryable,
  run: RunRow,
  stream: ResumableStream | undefined,
  after: number,
): Promise<void> {
  if (stream === undefined && run.status === 'running') return;
  const last = stream?.last ?? run.lastEvent;
  if (after > last) throw invalidField('Last-Event-ID', 'is of no event of this run');
  if (stream !== undefined || after === last || (await hasRunEvents(db, run.userId, run.runId, after)))
    return;
  const details = { run_id: run.runId };
  throw new QuestlogError('events_expired', 'the events of this run are not kept any more', { details });
}

/** @param waits of a reader who has had all that there was: the rest comes in a moment, to all of them at once. */
function readFromDatabase(
  { poller, userId, runId }: EventSource,
  after: number,
  waits: AbortSignal | undefined,
): Promise<EventPage | undefined> {
  return waits === undefined
    ? poller.readEvents(userId, runId, after)
    : poller.waitForEvents(userId, runId, after, waits);
}

function toRemovedEvent({ runId, chatId }: EventSource): ErrorEvent {
  return { type: 'error', ...toProblem(chatRemovedError()), run_id: runId, session_id: chatId };
}
