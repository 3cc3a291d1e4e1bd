import { type RefObject, useEffect } from 'react';

/** When messages come or go above, what the person reads stays where it is. */
export function useKeptPlace(viewport: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const log = viewport.current;
    if (log === null) return;
    let anchor: Element | undefined;
    let top = 0;
    const remember = () => {
      anchor = firstInSight(log);
      top = anchor?.getBoundingClientRect().top ?? 0;
    };
    // Told after the messages have changed and before they are painted.
    const observer = new MutationObserver(() => {
      if (anchor?.isConnected) log.scrollTop += anchor.getBoundingClientRect().top - top;
      remember();
    });
    observer.observe(log, { childList: true });
    log.addEventListener('scroll', remember, { passive: true });
    return () => {
      observer.disconnect();
      log.removeEventListener('scroll', remember);
    };
  }, [viewport]);
}

function firstInSight(log: HTMLElement): Element | undefined {
  const edge = log.getBoundingClientRect().top;
  return [...log.querySelectorAll('.message')].find(
    (message) => message.getBoundingClientRect().bottom > edge,
  );
}
