import type { AgentInputItem } from '@openai/agents-core';
import { toCallPart, type UniqueIds, withCallId } from '../../session/calls.ts';

/** The calls that tools of this process answer. */
const KINDS: ReadonlySet<string | undefined> = new Set(['function', 'computer', 'shell', 'apply_patch']);

/**
 * Makes the ids of an answer's calls unique in its run: many servers number the calls of each answer anew, and the SDK
 * takes a call with the id of an earlier one for that call.
 */
export class CallIds {
  readonly #ids: UniqueIds;
  /** Of the calls that the stream has begun, by their place in the answer. */
  readonly #begun = new Map<number, string>();

  constructor(ids: UniqueIds) {
    this.#ids = ids;
  }

  /** The id of a function's call that begins at a place of the answer. */
  begin(place: number, given: string): string {
    const known = this.#begun.get(place);
    if (known !== undefined) return known;
    const id = this.#ids.take(given);
    this.#begun.set(place, id);
    return id;
  }

  /** The items of the whole answer, with the ids that their calls have begun with. */
  finish<Item extends AgentInputItem>(items: readonly Item[]): Item[] {
    const begun = [...this.#begun].sort(([one], [other]) => one - other).map(([, id]) => id);
    return items.map((item) => {
      const part = toCallPart(item);
      if (part?.role !== 'call' || !KINDS.has(part.kind)) return item;
      const id = (part.kind === 'function' ? begun.shift() : undefined) ?? this.#ids.take(part.id);
      return id === part.id ? item : (withCallId(item, id) as Item);
    });
  }
}
