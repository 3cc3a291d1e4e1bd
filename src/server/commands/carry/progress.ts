/** How often a line is written where nobody can take it back, and how often a bar moves. */
const LINE_MS = 5_000;
const BAR_MS = 100;
const BAR_WIDTH = 30;

interface Done {
  readonly chats: number;
  readonly items: number;
  /** Of all that there is to do, from 0 to 1. */
  readonly share?: number | undefined;
}

/** Says how far it is, on the standard error: a bar on a terminal, a line from time to time elsewhere. */
export class Progress {
  readonly #verb: string;
  #last = Date.now();
  #done: Done = { chats: 0, items: 0 };

  constructor(verb: string) {
    this.#verb = verb;
  }

  show(done: Done): void {
    this.#done = done;
    const { isTTY } = process.stderr;
    const now = Date.now();
    if (now - this.#last < (isTTY ? BAR_MS : LINE_MS)) return;
    this.#last = now;
    process.stderr.write(isTTY ? `\r\u001b[K${toBar(done.share)}${this.#words()}` : `${this.#words()}\n`);
  }

  end(): void {
    const isTerminal = process.stderr.isTTY;
    process.stderr.write(`${isTerminal ? '\r\u001b[K' : ''}${this.#words()}\n`);
  }

  #words(): string {
    const { chats, items } = this.#done;
    return `${this.#verb} ${chats} chats, ${items} items`;
  }
}

function toBar(share: number | undefined): string {
  if (share === undefined) return '';
  const full = Math.round(Math.min(1, share) * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${Math.round(share * 100)} % `;
}
