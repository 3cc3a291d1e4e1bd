/** What stands for something else in the text of a request. */
const PLACEHOLDER = /"\{\{(many|deep|number):([^"}]*)\}\}"|\{\{([\w.]+):(\w+)\}\}/g;

/** Fields of replies whose values can be asked with. */
const KEPT = new Set([
  ...['chat_id', 'session_id', 'run_id', 'call_id', 'next_cursor', 'etag', 'waiting_run', 'alternative_id'],
]);
const MAX_KEPT = 50;

/** Ids, cursors and tags that earlier replies gave: what later requests are about. */
export class Known {
  readonly #values = new Map<string, string[]>();

  /** @param theirs what another user has: known as `theirs.chat_id` and so on. */
  constructor(theirs?: Known) {
    if (theirs === undefined) return;
    for (const [kind, values] of theirs.#values) this.#values.set(`theirs.${kind}`, values);
  }

  keep(kind: string, value: unknown): void {
    // A session is a chat.
    const name = kind === 'session_id' ? 'chat_id' : kind;
    if (!KEPT.has(kind) || typeof value !== 'string') return;
    const values = this.#values.get(name) ?? [];
    if (values.includes(value)) return;
    this.#values.set(name, [...values, value].slice(-MAX_KEPT));
  }

  /** Keeps what a reply names, however deep inside it. */
  keepAll(reply: unknown): void {
    if (typeof reply !== 'object' || reply === null) return;
    const { run_id, pending } = reply as { run_id?: unknown; pending?: readonly unknown[] };
    if (Array.isArray(pending) && pending.length > 0) this.keep('waiting_run', run_id);
    for (const [name, value] of Object.entries(reply)) {
      this.keep(name, value);
      this.keepAll(value);
    }
  }

  all(kind: string): readonly string[] {
    return this.#values.get(kind) ?? [];
  }

  /**
   * The text with everything in its place. `{{chat_id:2}}` is the third chat, `"{{many:5000}}"` so many empty objects.
   *
   * @param write how a value is written at this place of the request.
   */
  fill(text: string, write: (value: string) => string): string {
    return text.replaceAll(PLACEHOLDER, (_all, large, size, kind, pick) => {
      if (large !== undefined) return LARGE[large]?.(size) ?? '';
      if (kind === 'long') return 'x'.repeat(Number(pick));
      const values = this.all(kind);
      return write(values[Number(pick) % values.length] ?? `no-${kind}`);
    });
  }
}

const LARGE: Readonly<Record<string, (size: string) => string>> = {
  many: (size) => `[${Array(Number(size)).fill('{}').join(',')}]`,
  deep: (size) => `${'[{"in":'.repeat(Number(size) / 2)}0${'}]'.repeat(Number(size) / 2)}`,
  number: (text) => text,
};
