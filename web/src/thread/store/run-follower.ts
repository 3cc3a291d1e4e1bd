import type { FollowOptions, QuestlogClient } from 'questlog/client';
import { type LiveRun, RunAssembler } from './live-run.ts';

/** A screen need not change more often. */
const FRAME_MS = 60;

interface RunFollowerOptions {
  readonly client: QuestlogClient;
  readonly onConnection: NonNullable<FollowOptions['onConnection']>;
  readonly onProgress: (live: LiveRun) => void;
  /** Is called when the run has ended or pauses. */
  readonly onEnd: () => Promise<void>;
}

/** Follows one run at a time, over lost connections, and tells what it has said so far. */
export class RunFollower {
  readonly #options: RunFollowerOptions;
  #followed:
    | { readonly runId: string; readonly done: Promise<void>; readonly signal: AbortSignal }
    | undefined;

  constructor(options: RunFollowerOptions) {
    this.#options = options;
  }

  get isFollowing(): boolean {
    return this.#followed !== undefined && !this.#followed.signal.aborted;
  }

  /** @returns when it has ended or pauses, and that was told. Never fails. */
  follow(runId: string, signal: AbortSignal): Promise<void> {
    if (!this.isFollowing || this.#followed?.runId !== runId)
      this.#followed = { runId, signal, done: this.#follow(runId, signal) };
    return this.#followed.done;
  }

  async #follow(runId: string, signal: AbortSignal): Promise<void> {
    const { client, onConnection, onProgress, onEnd } = this.#options;
    const isCurrent = () => this.#followed?.runId === runId && !signal.aborted;
    const assembler = new RunAssembler();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      timer = undefined;
      if (isCurrent()) onProgress({ runId, items: assembler.items, agent: assembler.agent });
    };
    try {
      for await (const event of client.followRun(runId, { signal, onConnection })) {
        assembler.add(event);
        timer ??= setTimeout(tell, FRAME_MS);
      }
      tell();
    } catch {
      // The person left, or the run is gone: what is stored tells the rest.
    } finally {
      clearTimeout(timer);
    }
    if (!isCurrent()) return;
    this.#followed = undefined;
    await onEnd();
  }
}
