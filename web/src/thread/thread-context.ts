import { createContext, useContext } from 'react';
import type { ThreadStore } from './store/thread-store.ts';

/** The chat that is shown. */
export const ThreadContext = createContext<ThreadStore | undefined>(undefined);

export function useThread(): ThreadStore {
  const thread = useContext(ThreadContext);
  if (thread === undefined) throw new Error('outside of a ThreadContext');
  return thread;
}
