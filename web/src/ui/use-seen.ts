import { type RefObject, useEffect, useRef } from 'react';

/** Calls back whenever the element comes near the visible part of what scrolls it (`data-scrolls`). */
export function useSeen<Element extends HTMLElement>(
  onSeen: () => void,
  isActive: boolean,
  /** When it changes, what is seen already is seen anew. */
  version?: unknown,
): RefObject<Element | null> {
  const element = useRef<Element>(null);
  const callback = useRef(onSeen);
  callback.current = onSeen;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version is why.
  useEffect(() => {
    if (element.current === null || !isActive) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) callback.current();
      },
      { root: element.current.closest('[data-scrolls]'), rootMargin: '600px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [isActive, version]);
  return element;
}
