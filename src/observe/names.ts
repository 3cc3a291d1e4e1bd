/** What is longer, or has what no name has, is none, whoever has put it there. */
const NAME = /^[\w .:/@+-]{1,64}$/;
export const OTHER = 'other';

/** A name that an application has given, such as that of an agent. */
export function toName(text: string): string {
  return NAME.test(text) ? text : OTHER;
}

/** Names of one kind: the first so many of them. All others are one, so that they never become more. */
export class Names {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The name itself, or `other`. */
  of(text: string): string {
    if (this.#known.has(text)) return text;
    const name = toName(text);
    if (name === OTHER || this.#known.size >= this.#max) return OTHER;
    this.#known.add(name);
    return name;
  }
}
