import { agentOf, type Untaken, untakenBy } from '../../agents.ts';
import { useObservable } from '../../observable.ts';
import { isNothing, type Written } from '../../outbox/outgoing.ts';
import { useWorkspace } from '../../workspace.ts';
import { useThread } from '../thread-context.ts';
import type { Writing } from './writing.ts';

/** Sends what is written once its files are attached, unless the chat's agent does not take them. */
export function useSending(writing: Writing, send: (written: Written) => void): () => Promise<void> {
  const { agents } = useWorkspace();
  const thread = useThread();
  return async () => {
    const isReady = await writing.isReady();
    const written = writing.written.get();
    const untaken = untakenBy(agentOf(thread.state.get(), agents.known.get()), written.files);
    if (isReady && !isNothing(written) && untaken === undefined) send(writing.take());
  };
}

/** What the chat's agent, as it is picked now, does not take of what is written. */
export function useUntaken(writing: Writing): Untaken | undefined {
  const { files } = useObservable(writing.written);
  const known = useObservable(useWorkspace().agents.known);
  return untakenBy(agentOf(useObservable(useThread().state), known), files);
}
