import { useState } from 'react';
import type { ChatMessage } from '../store/message.ts';

/** So many messages are drawn at most, however many have been loaded. */
const MAX_DRAWN_MESSAGES = 240;
const WINDOW_STEP = 60;
const INITIAL_MESSAGES = 120;

/** The part of a conversation that is drawn. */
export interface MessageWindow {
  readonly shown: readonly ChatMessage[];
  /** The loaded message before them. */
  readonly before: ChatMessage | undefined;
  /** There are loaded messages before it, and after it. */
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
  moveUp(): void;
  moveDown(): void;
  /** To one of these messages, which have just been loaded. */
  moveTo(index: number, loaded: readonly ChatMessage[]): void;
  /** To the oldest messages. */
  moveToStart(): void;
  /** To the newest messages; new ones come in as they are said. */
  moveToEnd(): void;
}

/** By the ids of its ends, which stay when messages are loaded or added; undefined: as it was at first, the newest. */
interface Ends {
  readonly first: string | undefined;
  readonly last: string | undefined;
}

const NEWEST: Ends = { first: undefined, last: undefined };
const OLDEST: Ends = { first: undefined, last: undefined };

/**
 * A window that moves over the messages as they are scrolled: drawing thousands would make every new word slow.
 *
 * @param hasNewer whether there are others after them, which are not loaded.
 */
export function useWindow(messages: readonly ChatMessage[], hasNewer: boolean): MessageWindow {
  const [ends, setEnds] = useState(NEWEST);
  const total = messages.length;
  const [start, end] = rangeOf(messages, ends);
  const draw = (from: number, to: number) => {
    setEnds({ first: messages[from]?.id, last: to >= total && !hasNewer ? undefined : messages[to - 1]?.id });
  };
  return {
    shown: messages.slice(start, end),
    before: messages[start - 1],
    hasBefore: start > 0,
    hasAfter: end < total,
    moveUp: () => {
      const from = Math.max(0, start - WINDOW_STEP);
      draw(from, Math.min(end, from + MAX_DRAWN_MESSAGES));
    },
    moveDown: () => {
      const to = Math.min(total, end + WINDOW_STEP);
      draw(Math.max(start, to - MAX_DRAWN_MESSAGES), to);
    },
    moveTo: (index, loaded) =>
      setEnds({
        first: loaded[Math.max(0, index - WINDOW_STEP)]?.id,
        last: (loaded[index + WINDOW_STEP] ?? loaded.at(-1))?.id,
      }),
    moveToStart: () => setEnds(OLDEST),
    moveToEnd: () => setEnds(NEWEST),
  };
}

function rangeOf(messages: readonly ChatMessage[], ends: Ends): [start: number, end: number] {
  const total = messages.length;
  if (ends === OLDEST) return [0, Math.min(total, INITIAL_MESSAGES)];
  const last = indexOf(messages, ends.last);
  const end = last < 0 ? total : last + 1;
  const first = indexOf(messages, ends.first);
  // While new messages come in at the end, old ones leave at the beginning.
  return [Math.max(first < 0 ? end - INITIAL_MESSAGES : first, end - MAX_DRAWN_MESSAGES, 0), end];
}

function indexOf(messages: readonly ChatMessage[], id: string | undefined): number {
  return id === undefined ? -1 : messages.findIndex((message) => message.id === id);
}
