import { useEffect } from 'react';
import type { Place } from '../navigation.ts';
import type { Workspace } from '../workspace.ts';

/** The chat that is shown is seen, as long as the person sees the page. */
export function useSeenChats({ seen }: Workspace, place: Place): void {
  useEffect(() => seen.listen(), [seen]);
  const chatId = place.view === 'chat' ? place.chatId : undefined;
  useEffect(() => {
    const open = () => seen.open(document.visibilityState === 'visible' ? chatId : undefined);
    open();
    document.addEventListener('visibilitychange', open);
    return () => document.removeEventListener('visibilitychange', open);
  }, [seen, chatId]);
}
