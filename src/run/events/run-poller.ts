import type { Queryable } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import { type EventPage, getRunEvents } from '../../store/runs/run-events.ts';
import { getRun, type RunRow } from '../../store/runs/runs.ts';

/** How often the database is asked about a run of another process. */
const POLL_INTERVAL_MS = 200;

/**
 * Follows runs of other processes in the database. However many wait for the same, it is asked once an interval, and no
 * more when they have left; who lags behind the others asks alone.
 */
export class RunPoller {
  readonly #db: Queryable;
  readonly #runs = new SharedPolls<RunRow | undefined>();
  readonly #events = new SharedPolls<EventPage | undefined>();

  constructor(db: Queryable) {
    this.#db = db;
  }

  /**
   * Waits until a run has ended or pauses.
   *
   * @throws QuestlogError `run_not_found`; the reason of the signal when it aborts.
   */
  async waitForEnd(userId: string, runId: string, signal: AbortSignal): Promise<RunRow> {
    const look = () => getRun(this.#db, userId, runId);
    for (let run = await look(); ; run = await this.#runs.wait([userId, runId], look, signal)) {
      signal.throwIfAborted();
      if (run === undefined) throw new QuestlogError('run_not_found', 'there is no such run');
      if (run.status !== 'running') return run;
    }
  }

  /** The next events after a number that are there. Undefined: no such run of this user. */
  readEvents(userId: string, runId: string, after: number): Promise<EventPage | undefined> {
    return getRunEvents(this.#db, userId, runId, after);
  }

  /** As `readEvents`, in a moment. Undefined also when the signal aborts. */
  waitForEvents(
    userId: string,
    runId: string,
    after: number,
    signal: AbortSignal,
  ): Promise<EventPage | undefined> {
    const look = () => this.readEvents(userId, runId, after);
    return this.#events.wait([userId, runId, after], look, signal);
  }
}

interface Poll<Answer> {
  readonly timer: NodeJS.Timeout;
  readonly waiting: Set<(answer: Promise<Answer>) => void>;
}

/** Answers all who ask the same thing within an interval at its end, with one look. */
class SharedPolls<Answer> {
  readonly #polls = new Map<string, Poll<Answer>>();

  /** @returns undefined when the signal aborts before. */
  wait(
    question: readonly unknown[],
    look: () => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const key = JSON.stringify(question);
    const poll = this.#polls.get(key) ?? this.#begin(key, look);
    return new Promise((resolve) => {
      const leave = () => {
        poll.waiting.delete(receive);
        if (poll.waiting.size === 0) this.#end(key, poll);
        resolve(undefined);
      };
      const receive = (answer: Promise<Answer>) => {
        signal.removeEventListener('abort', leave);
        resolve(answer);
      };
      signal.addEventListener('abort', leave, { once: true });
      poll.waiting.add(receive);
    });
  }

  #begin(key: string, look: () => Promise<Answer>): Poll<Answer> {
    const timer = setTimeout(() => {
      this.#end(key, poll);
      const answer = look();
      for (const receive of poll.waiting) receive(answer);
    }, POLL_INTERVAL_MS);
    const poll: Poll<Answer> = { timer, waiting: new Set() };
    this.#polls.set(key, poll);
    return poll;
  }

  #end(key: string, poll: Poll<Answer>): void {
    clearTimeout(poll.timer);
    this.#polls.delete(key);
  }
}
