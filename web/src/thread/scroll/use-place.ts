import { createContext, type RefObject, useContext, useEffect, useRef, useState } from 'react';
import { useObservable } from '../../observable.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { useWorkspace } from '../../workspace.ts';
import type { ChatMessage } from '../store/message.ts';
import { useThread } from '../thread-context.ts';
import { letGoOfEnd } from './let-go-of-end.ts';
import type { MessageWindow } from './use-window.ts';

/** The message that the person was led to; another object each time that they are. */
interface Mark {
  readonly message: ChatMessage;
}

const MarkContext = createContext<Mark | undefined>(undefined);

export const MarkProvider = MarkContext.Provider;

/**
 * Goes to the place in the chat that the address says, and back to the end when it says none any more.
 *
 * @param isReady whether the log has come to rest where it is without a place.
 */
export function usePlace(
  viewport: RefObject<HTMLElement | null>,
  window: MessageWindow,
  isReady: boolean,
): Mark | undefined {
  const { navigation, toasts } = useWorkspace();
  const thread = useThread();
  const { notThere } = useTexts().thread;
  const place = useObservable(navigation.place);
  const [mark, setMark] = useState<Mark>();
  const wasSomewhere = useRef(false);
  const goToEnd = () => {
    thread.history.goToEnd();
    window.moveToEnd();
    requestAnimationFrame(() => viewport.current?.scrollTo({ top: viewport.current.scrollHeight }));
  };
  const goTo = async (at: number, signal: AbortSignal) => {
    await letGoOfEnd(viewport.current);
    await thread.history.goTo(at);
    if (signal.aborted) return;
    const { messages, error } = thread.state.get();
    const index = messages.findIndex(({ from = at + 1, to = 0 }) => from <= at && at <= to);
    const message = messages[index];
    if (message !== undefined) {
      window.moveTo(index, messages);
      setMark({ message });
    } else if (error === undefined) {
      goToEnd();
      toasts.show(notThere);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time that the person goes somewhere.
  useEffect(() => {
    if (!isReady || place.view !== 'chat') return;
    setMark(undefined);
    const left = new AbortController();
    if (place.at !== undefined) void goTo(place.at, left.signal);
    else if (wasSomewhere.current) goToEnd();
    wasSomewhere.current = place.at !== undefined;
    return () => left.abort();
  }, [place, isReady]);
  return mark;
}

/** Brings the message into sight when it is the one that the person was led to. @returns whether it is. */
export function useMarked({ id }: ChatMessage, element: RefObject<HTMLElement | null>): boolean {
  const mark = useContext(MarkContext);
  const own = mark?.message.id === id ? mark : undefined;
  useEffect(() => {
    if (own === undefined) return;
    const show = () => {
      const { current } = element;
      const isTall = (current?.offsetHeight ?? 0) > (current?.closest('[data-scrolls]')?.clientHeight ?? 0);
      current?.scrollIntoView({ block: isTall ? 'start' : 'center', behavior: 'instant' });
    };
    show();
    // What comes into sight gets its height.
    const frame = requestAnimationFrame(show);
    return () => cancelAnimationFrame(frame);
  }, [own, element]);
  return own !== undefined;
}
