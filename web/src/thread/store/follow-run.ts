import type { FollowOptions, QuestlogClient } from 'questlog/client';
import { type LiveRun, RunAssembler } from './live-run.ts';

/** A screen need not change more often. */
const FRAME_MS = 60;

export interface FollowRequest {
  readonly client: QuestlogClient;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly onConnection: NonNullable<FollowOptions['onConnection']>;
  readonly onProgress: (live: LiveRun) => void;
}

/** Follows a run to its end or pause, over lost connections, and tells what it has said so far. Never fails. */
export async function follow({
  client,
  runId,
  signal,
  onConnection,
  onProgress,
}: FollowRequest): Promise<void> {
  const assembler = new RunAssembler();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    timer = undefined;
    onProgress({ runId, items: assembler.items, agent: assembler.agent });
  };
  try {
    for await (const event of client.followRun(runId, { signal, onConnection })) {
      assembler.add(event);
      timer ??= setTimeout(tell, FRAME_MS);
    }
    if (!signal.aborted) tell();
  } catch {
    // The person left, or the run is gone: what is stored tells the rest.
  } finally {
    clearTimeout(timer);
  }
}
