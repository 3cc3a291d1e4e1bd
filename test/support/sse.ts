/** One event of a stream, as a browser's `EventSource` would give it. */
export interface ReceivedEvent {
  readonly id: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Reads a whole event stream and insists on its form: blocks that end with an empty line, each a comment or exactly
 * `id`, `event` and one line of `data`.
 */
export function readEvents(body: string): ReceivedEvent[] {
  const blocks = body.split('\n\n');
  if (blocks.pop() !== '') throw new Error(`the stream ends inside an event: …${body.slice(-200)}`);
  return blocks.filter((block) => !/^: [^\n]*$/.test(block)).map(readEvent);
}

function readEvent(block: string): ReceivedEvent {
  const match = /^id: (\d+)\nevent: (\w+)\ndata: (\{[^\r\n]*\})$/.exec(block);
  if (match === null) throw new Error(`not an event of the documented form: ${block}`);
  const [, id, type, data] = match;
  return { id: Number(id), type: String(type), data: JSON.parse(String(data)) };
}
