/** One server-sent event (WHATWG HTML, 9.2). */
export interface ServerEvent {
  /** The last `id:` of the stream so far; empty before the first. */
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/**
 * Reads an event stream to its end.
 *
 * @param idleMs a stream that is silent for so long counts as broken.
 * @throws what breaks the stream, or an `Error` when it fell silent.
 */
export async function* readServerEvents(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
): AsyncGenerator<ServerEvent> {
  const parser = new Parser();
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await within(idleMs, reader.read());
      if (done) return;
      yield* parser.add(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Puts lines together from pieces that end anywhere, and events from lines. */
class Parser {
  #rest = '';
  #id = '';
  #event = '';
  #data: string[] = [];

  *add(text: string): Generator<ServerEvent> {
    // A carriage return at the end may be half of a line's end.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') this.#field(line);
      else if (this.#data.length > 0) yield this.#take();
      else this.#event = '';
    }
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#event = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
  }

  #take(): ServerEvent {
    const event = { id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') };
    this.#event = '';
    this.#data = [];
    return event;
  }
}
