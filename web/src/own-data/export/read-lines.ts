const CHAT_END = '\n{"type":"chat_end"';
/** Longer than the last line of an export. */
const TAIL = 500;

/** How an export ended. */
interface End {
  readonly type: 'end';
  readonly chats: number;
  readonly left_out: number;
}

/** Looks at an export as it goes by: how many chats it has so far, and how it ends. */
export class ExportReader {
  chats = 0;
  readonly #decoder = new TextDecoder();
  #tail = '';

  add(piece: Uint8Array): void {
    const text = this.#decoder.decode(piece, { stream: true });
    this.chats += (this.#tail.slice(1 - CHAT_END.length) + text).split(CHAT_END).length - 1;
    this.#tail = (this.#tail + text).slice(-TAIL);
  }

  /** Undefined: it was cut off. */
  end(): End | undefined {
    try {
      const last = JSON.parse(this.#tail.trimEnd().split('\n').at(-1) ?? '');
      return last?.type === 'end' ? last : undefined;
    } catch {
      return undefined;
    }
  }
}
