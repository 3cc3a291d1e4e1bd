import type { Signal } from '../../src/wire/live.ts';

interface Run {
  readonly chatId: string;
  /** When its stream was read to its end. */
  endedAt?: number;
  wasTold?: true;
}

/** Which ends of a user's runs a socket has told of. As docs/live.md has it, a signal may stand for several changes of a chat. */
export class Ends {
  /** Those that have begun, until both sides tell of their end. */
  readonly #runs = new Map<string, Run>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  begin(chatId: string, runId: string): void {
    this.#runs.set(runId, { chatId });
  }

  /** @param isAnswered if not, nothing is expected of it. */
  end(runId: string, isAnswered: boolean): void {
    const run = this.#runs.get(runId);
    if (run?.wasTold || !isAnswered) this.#runs.delete(runId);
    else if (run !== undefined) run.endedAt = this.#now();
  }

  /** @returns for how long it was waited for, of each end that it tells of and that was known already. */
  hear(signal: Signal): number[] {
    const told = [...this.#runs].filter(([runId, run]) => tellsOf(signal, runId, run.chatId));
    return told.flatMap(([runId, run]) => {
      run.wasTold = true;
      if (run.endedAt === undefined) return [];
      this.#runs.delete(runId);
      return [this.#now() - run.endedAt];
    });
  }

  /** Takes those of which nobody has told for so long. */
  takeUntold(longestMs: number): string[] {
    const untold = [...this.#runs].filter(([, { endedAt = Infinity }]) => this.#now() - endedAt >= longestMs);
    return untold.map(([runId]) => {
      this.#runs.delete(runId);
      return runId;
    });
  }
}

/** Ids of runs are in the order of time: of a chat, one that began later stands for those before it. */
function tellsOf(signal: Signal, runId: string, chatId: string): boolean {
  if (signal.type === 'resync') return true;
  if (signal.chat_id !== chatId) return false;
  if (signal.type === 'chat_deleted') return true;
  if (signal.type === 'run_ended') return signal.run_id >= runId;
  return 'run_id' in signal && signal.run_id > runId;
}
