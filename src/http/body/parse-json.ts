import { isUtf8 } from 'node:buffer';
import { invalidField, type QuestlogError } from '../../errors.ts';
import type { Turns } from '../../turns.ts';

/** A body of so many bytes is parsed at once. */
const PIECE_BYTES = 65_536;

export interface ParseOptions {
  /** Of each list that is a member of the body: where its brackets and the commas between its elements are. */
  readonly lists: readonly (readonly number[])[];
  readonly turns: Turns;
  readonly userId: string;
}

/**
 * Parses a body as it is: a key `__proto__` is data here, bytes that are not UTF-8 are an error, and an empty body is none.
 * In a long one the elements of its lists are parsed one by one, in turns with others.
 */
export async function parseJson(body: Buffer, { lists, turns, userId }: ParseOptions): Promise<unknown> {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw notJson();
  if (body.length <= PIECE_BYTES) return parse(withoutMark(body));
  const { outline, elements } = takeOut(body, lists);
  const parsed = parse(withoutMark(outline));
  const values = await turns.map(userId, elements, (element) => parse(element.toString()));
  for (const list of Object.values(Object(parsed)).filter(Array.isArray)) {
    for (const [index, place] of list.entries()) list[index] = values[place];
  }
  return parsed;
}

/**
 * Puts numbers where the elements are, so that what is left and each element are JSON if the whole is, and only then: an
 * element is all that stands between two commas or brackets.
 */
function takeOut(body: Buffer, lists: ParseOptions['lists']) {
  const elements: Buffer[] = [];
  const rest: Buffer[] = [];
  let end = 0;
  for (const marks of lists) {
    for (const [index, next] of marks.slice(1).entries()) {
      const begin = (marks[index] ?? 0) + 1;
      const element = body.subarray(begin, next);
      // What an empty list has between its brackets.
      if (marks.length === 2 && element.toString().trim() === '') continue;
      rest.push(body.subarray(end, begin), Buffer.from(String(elements.length)));
      elements.push(element);
      end = next;
    }
  }
  return { outline: Buffer.concat([...rest, body.subarray(end)]), elements };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw notJson();
  }
}

/** A parser may pass over a byte order mark (RFC 8259, 8.1). */
function withoutMark(json: Buffer): string {
  return json.toString().replace(/^\uFEFF/, '');
}

function notJson(): QuestlogError {
  return invalidField('body', 'must be JSON in UTF-8');
}
