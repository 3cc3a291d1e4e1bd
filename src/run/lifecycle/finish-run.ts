import type { Database } from '../../database/database.ts';
import type { Queryable } from '../../driver/driver.ts';
import type { Retry } from '../../driver/retry.ts';
import { archiveItems } from '../../store/items/history.ts';
import { lockChat } from '../../store/items/locked-chat.ts';
import { forgetPoints } from '../../store/items/points.ts';
import { endRun, type RunEnd } from '../../store/runs/end-run.ts';
import { getRun, type RunLease } from '../../store/runs/runs.ts';
import type { RunEvent } from '../../wire/events.ts';
import type { EventWriter } from '../events/event-writer.ts';
import type { ResumableStream } from '../events/resumable-stream.ts';
import { chatRemovedError, takenOverError } from '../outcome/failure.ts';

export interface FinishParts {
  readonly db: Database;
  readonly lease: RunLease;
  readonly stream: ResumableStream;
  readonly writer: EventWriter;
  readonly retry: Retry;
}

export interface StoredEnd extends Omit<RunEnd, 'events' | 'firstEvent'> {
  /** Whether the history until now goes to the archive, and the items take its place. */
  readonly compacts?: boolean;
}

/**
 * Stores the end of a run, or of its part before a pause, and sends it to its consumers.
 *
 * @param store stores what belongs to the end, in the same transaction.
 * @throws QuestlogError `run_interrupted` when the run is no longer this process's: the one that took it over has stored
 * its end.
 */
export async function finishRun(
  { db, lease, stream, writer, retry }: FinishParts,
  event: RunEvent,
  { compacts = false, ...end }: StoredEnd,
  store?: (tx: Queryable) => Promise<void>,
): Promise<void> {
  await writer.detach(stream);
  const { first, texts } = stream.getUnstored();
  const stored = { ...end, events: [...texts, JSON.stringify(event)], firstEvent: first };
  await retry(async (isRetry) => {
    if (isRetry && (await getRun(db, lease.userId, lease.runId))?.status === end.status) return;
    if (!compacts && store === undefined) return endOrThrow(db, lease, stored);
    await db.transaction(async (tx) => {
      if (compacts) await archiveChat(tx, lease);
      await endOrThrow(tx, lease, stored);
      await store?.(tx);
    }, lease.userId);
  });
  stream.append(event);
  stream.markStored(texts.length + 1);
  stream.end();
}

/** Throwing undoes what the transaction did before. */
async function endOrThrow(db: Queryable, lease: RunLease, end: RunEnd): Promise<void> {
  if (await endRun(db, lease, end)) return;
  if ((await getRun(db, lease.userId, lease.runId)) === undefined) {
    throw chatRemovedError();
  }
  throw takenOverError();
}

async function archiveChat(tx: Queryable, { chatId, userId }: RunLease): Promise<void> {
  const chat = chatId === null ? undefined : await lockChat(tx, chatId, userId);
  if (chat === undefined) return;
  await archiveItems(tx, chat);
  await forgetPoints(tx, chat);
}
