/** How often a line is written where nobody can take it back, and how often a bar moves. */
const LINE_MS = 5_000;
const BAR_MS = 100;
const BAR_WIDTH = 30;
const CLEAR = '\r\u001b[K';

/** Says how far it is, on the standard error: a bar on a terminal, a line from time to time elsewhere. */
export class Progress {
  readonly #isTerminal = process.stderr.isTTY === true;
  readonly #timer: NodeJS.Timeout;
  #words = '';
  #share: number | undefined;
  #isTold = true;

  constructor() {
    this.#timer = setInterval(() => this.#tell(), this.#isTerminal ? BAR_MS : LINE_MS).unref();
  }

  /** @param share of all that there is to do, from 0 to 1. */
  show(words: string, share?: number): void {
    this.#words = words;
    this.#share = share;
    this.#isTold = false;
  }

  /** Takes the bar away. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#isTerminal) process.stderr.write(CLEAR);
  }

  #tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    process.stderr.write(
      this.#isTerminal ? `${CLEAR}${toBar(this.#share)}${this.#words}` : `${this.#words}\n`,
    );
  }
}

/** Shows how far `work` is for as long as it takes. */
export async function withProgress<Result>(work: (progress: Progress) => Promise<Result>): Promise<Result> {
  const progress = new Progress();
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}

function toBar(share: number | undefined): string {
  if (share === undefined) return '';
  const full = Math.round(Math.min(1, share) * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${Math.round(share * 100)} % `;
}
