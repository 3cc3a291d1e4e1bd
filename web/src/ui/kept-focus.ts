import { useEffect } from 'react';

/** Arrows lead to what Tab does not: it counts too. */
const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), textarea, select, summary';
const LANDMARKS = 'main, nav, .toasts, body';

/** Where what had the focus stood: its ancestors, the nearest first, each with the place of the one before in it. */
type Path = readonly { readonly ancestor: Element; readonly place: number }[];

/**
 * When what has the focus goes away, what took its place gets it, or what stands next to it; where nothing is left of that
 * part of the page, `fallback` decides. Otherwise the browser forgets where the person was.
 */
export function useKeptFocus(fallback: () => void): void {
  useEffect(() => {
    let focused: Element | undefined;
    let path: Path = [];
    const remember = ({ target }: FocusEvent) => {
      if (!(target instanceof Element)) return;
      focused = target;
      path = pathOf(target);
    };
    const observer = new MutationObserver(() => {
      if (focused === undefined || focused.isConnected || document.activeElement !== document.body) return;
      focused = undefined;
      const next = findNext(path);
      if (next === undefined) fallback();
      else next.focus();
    });
    document.addEventListener('focusin', remember);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', remember);
      observer.disconnect();
    };
  }, [fallback]);
}

/** Within the part of the page that the element belongs to. */
function pathOf(element: Element): Path {
  const path: { ancestor: Element; place: number }[] = [];
  let at = element;
  for (
    let { parentElement } = at;
    parentElement !== null && !parentElement.matches(LANDMARKS);
    { parentElement } = at
  ) {
    path.push({ ancestor: parentElement, place: [...parentElement.children].indexOf(at) });
    at = parentElement;
  }
  return path;
}

function findNext(path: Path): HTMLElement | undefined {
  for (const { ancestor, place } of path) {
    if (!ancestor.isConnected) continue;
    const { children } = ancestor;
    for (const candidate of [children[place], children[place - 1], ancestor]) {
      const next = candidate?.matches(FOCUSABLE) ? candidate : candidate?.querySelector(FOCUSABLE);
      if (next instanceof HTMLElement) return next;
    }
  }
  return undefined;
}
