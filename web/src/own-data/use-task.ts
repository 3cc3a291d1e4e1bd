import { useCallback, useEffect, useRef, useState } from 'react';
import { type Failure, failureOf } from '../failure.ts';

/** What takes a while, as it is now. */
export type TaskState<Progress, Result> =
  | { readonly phase: 'idle' | 'stopped' }
  | { readonly phase: 'busy'; readonly progress: Progress | undefined }
  | { readonly phase: 'done'; readonly result: Result }
  | { readonly phase: 'failed'; readonly failure: Failure; readonly progress: Progress | undefined };

type Work<Progress, Result> = (
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
) => Promise<Result>;

/** Something that takes a while: it says how far it is, can be stopped, and ends with what shows it. */
export interface Task<Progress, Result> {
  readonly state: TaskState<Progress, Result>;
  readonly start: (work: Work<Progress, Result>) => void;
  readonly stop: () => void;
  /** As before it began. */
  readonly reset: () => void;
}

export function useTask<Progress, Result>(): Task<Progress, Result> {
  const [state, setState] = useState<TaskState<Progress, Result>>({ phase: 'idle' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const start = useCallback((work: Work<Progress, Result>) => {
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
    const show = (next: TaskState<Progress, Result>) => running.current === own && setState(next);
    let progress: Progress | undefined;
    show({ phase: 'busy', progress });
    const onProgress = (next: Progress) => {
      progress = next;
      if (!own.signal.aborted) show({ phase: 'busy', progress });
    };
    work(own.signal, onProgress).then(
      (result) => show({ phase: 'done', result }),
      (error: unknown) =>
        show(isStop(error) ? { phase: 'stopped' } : { phase: 'failed', failure: failureOf(error), progress }),
    );
  }, []);
  const stop = useCallback(() => running.current?.abort(), []);
  const reset = useCallback(() => {
    running.current?.abort();
    running.current = undefined;
    setState({ phase: 'idle' });
  }, []);
  return { state, start, stop, reset };
}

/** The person has stopped it, or has closed what the browser asked them. */
function isStop(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
