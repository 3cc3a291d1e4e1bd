/** Of one user in one process: so much may be used beyond a limit, for what a call uses is known at its end. */
const MAX_CALLS = 10;

interface Line {
  running: number;
  readonly waiting: (() => void)[];
}

/** How many calls of models a user has under way. What is over that waits, first come, first served. */
export class CallSlots {
  /** By user; nobody is in it who has no call. */
  readonly #lines = new Map<string, Line>();

  /** @returns what gives the place to the next one. */
  async enter(userId: string): Promise<() => void> {
    const line = this.#lines.get(userId) ?? { running: 0, waiting: [] };
    this.#lines.set(userId, line);
    if (line.running < MAX_CALLS) line.running += 1;
    else await new Promise<void>((resolve) => line.waiting.push(resolve));
    let isIn = true;
    return () => {
      if (isIn) this.#leave(userId, line);
      isIn = false;
    };
  }

  #leave(userId: string, line: Line): void {
    const next = line.waiting.shift();
    if (next === undefined) line.running -= 1;
    else next();
    if (line.running === 0) this.#lines.delete(userId);
  }
}
