import { type FocusEvent, type KeyboardEvent, useState } from 'react';
import { SHORTCUTS, shortcutOf } from '../shortcuts/shortcuts.ts';

/** Marks the row that an element belongs to, by its id. */
export const ROW = 'data-chat-id';

interface RovingFocus {
  /** The id of the row that Tab leads to. */
  readonly stop: string | undefined;
  readonly onFocus: (event: FocusEvent) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * A list of rows is one stop of the Tab key: up and down lead from row to row, Home and End to its ends, left and right
 * through the elements of a row.
 *
 * @param current the row where Tab leads to before the person has been in the list.
 */
export function useRovingFocus(ids: readonly string[], current: string | undefined): RovingFocus {
  const [visited, setVisited] = useState<string>();
  const stop = [visited, current].find((id) => id !== undefined && ids.includes(id)) ?? ids[0];
  return {
    stop,
    onFocus: ({ target }) => setVisited(rowOf(target)?.getAttribute(ROW) ?? undefined),
    onKeyDown: (event) => {
      if (event.target instanceof HTMLInputElement) return;
      const next = nextOf(event.target as Element, event.currentTarget, event.nativeEvent);
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
    },
  };
}

function nextOf(from: Element, list: Element, pressed: globalThis.KeyboardEvent): HTMLElement | undefined {
  const row = rowOf(from);
  if (row === null) return undefined;
  const within = [...row.querySelectorAll<HTMLElement>('a, button')];
  const links = [...list.querySelectorAll<HTMLElement>(`[${ROW}] a`)];
  const place = links.findIndex((link) => row.contains(link));
  const step = within.indexOf(from as HTMLElement);
  switch (shortcutOf(SHORTCUTS.list, pressed)) {
    case 'next':
      return links[place + 1];
    case 'previous':
      return links[place - 1];
    case 'top':
      return links[0];
    case 'bottom':
      return links.at(-1);
    case 'right':
      return within[step + 1];
    case 'left':
      return within[step - 1];
    default:
      return undefined;
  }
}

/** Gives the focus to a row, wherever it stands. */
export function focusRow(id: string): void {
  document.querySelector<HTMLElement>(`[${ROW}="${CSS.escape(id)}"] a`)?.focus();
}

function rowOf(element: Element): Element | null {
  return element.closest(`[${ROW}]`);
}
