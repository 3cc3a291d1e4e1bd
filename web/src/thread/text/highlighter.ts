export interface CodeToHighlight {
  readonly language: string;
  readonly text: string;
}

/** A piece of code: its text, or what a part of it is, with its pieces. */
export type CodeNode = string | { readonly className: string; readonly children: readonly CodeNode[] };

/** Loading the worker is part of it. */
const LONGEST_MS = 10_000;

/**
 * Finds out what the words of a code are, in a worker: with some grammars and texts that takes seconds (a page of plain words as
 * C# takes three), in which the page would stand still.
 */
export class Highlighter {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** One code after the other. @returns undefined for a language that nobody knows, and where it takes too long. */
  highlight(code: CodeToHighlight): Promise<readonly CodeNode[] | undefined> {
    const found = this.#last.then(() => this.#ask(code));
    this.#last = found;
    return found;
  }

  #ask(code: CodeToHighlight): Promise<readonly CodeNode[] | undefined> {
    this.#worker ??= new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module' });
    const worker = this.#worker;
    return new Promise((resolve) => {
      const giveUp = () => {
        clearTimeout(timer);
        worker.terminate();
        this.#worker = undefined;
        resolve(undefined);
      };
      const timer = setTimeout(giveUp, LONGEST_MS);
      worker.onerror = giveUp;
      worker.onmessage = ({ data }: MessageEvent<readonly CodeNode[] | undefined>) => {
        clearTimeout(timer);
        resolve(data);
      };
      worker.postMessage(code);
    });
  }
}
