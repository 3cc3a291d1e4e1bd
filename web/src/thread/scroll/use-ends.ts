import { type RefObject, useEffect, useState } from 'react';
import { SHORTCUTS } from '../../shortcuts/shortcuts.ts';
import { useShortcuts } from '../../shortcuts/use-shortcuts.ts';
import { useWorkspace } from '../../workspace.ts';
import { useThread } from '../thread-context.ts';
import { letGoOfEnd } from './let-go-of-end.ts';
import type { MessageWindow } from './use-window.ts';

interface Ends {
  /** What stands before the first message that is drawn is in sight, or nearly. */
  readonly isAtFirst: boolean;
  readonly goToFirst: () => void;
  readonly goToNewest: () => void;
}

/** The ways to the first and to the newest message of the chat. */
export function useEnds(
  viewport: RefObject<HTMLElement | null>,
  top: RefObject<HTMLElement | null>,
  window: MessageWindow,
): Ends {
  const { navigation } = useWorkspace();
  const { history } = useThread();
  const isAtFirst = useIsNear(top);
  /** When what is there has been drawn. */
  const scrollTo = (placeOf: (log: HTMLElement) => number) =>
    requestAnimationFrame(() => {
      const log = viewport.current;
      log?.scrollTo({ top: placeOf(log), behavior: 'instant' });
      log?.focus({ preventScroll: true });
    });
  const goToFirst = async () => {
    await letGoOfEnd(viewport.current);
    const loading = history.goToFirst();
    // At once: where other messages come below what is in sight, it would be at the end of them.
    viewport.current?.scrollTo({ top: 0, behavior: 'instant' });
    await loading;
    window.moveToStart();
    scrollTo(() => 0);
  };
  const goToNewest = () => {
    history.goToEnd();
    window.moveToEnd();
    navigation.leavePlace();
    scrollTo((log) => log.scrollHeight);
  };
  useShortcuts(SHORTCUTS.chat, { first: () => void goToFirst(), newest: goToNewest });
  return { isAtFirst, goToFirst: () => void goToFirst(), goToNewest };
}

function useIsNear(element: RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(true);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new IntersectionObserver((entries) => setNear(entries.at(-1)?.isIntersecting === true), {
      root: element.current.closest('[data-scrolls]'),
      rootMargin: '100%',
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return isNear;
}
