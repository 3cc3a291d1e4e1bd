import { useEffect } from 'react';
import { useObservable } from '../observable.ts';
import { useSettings } from '../settings/settings-context.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import type { Workspace } from '../workspace.ts';

/** What notifies is fetched when the person wants it. */
export function useNotifier(workspace: Workspace): void {
  const isWanted = useObservable(useSettings().chosen).notify === 'on';
  const { untitled } = useTexts().chats;
  useEffect(() => {
    if (!isWanted) return undefined;
    const ended = new AbortController();
    const start = async () => {
      const { Notifier } = await import('./notifier.ts');
      if (ended.signal.aborted) return;
      const notifier = new Notifier(workspace, untitled);
      const leave = notifier.watch();
      const unsubscribe = workspace.signal.subscribe(() => {
        const signal = workspace.signal.get();
        if (signal !== undefined) void notifier.hear(signal);
      });
      ended.signal.addEventListener('abort', () => {
        unsubscribe();
        leave();
      });
    };
    // Without a network it is fetched with the next visit.
    start().catch(() => undefined);
    return () => ended.abort();
  }, [workspace, isWanted, untitled]);
}
