import { useState } from 'react';
import { useTexts } from '../../texts/texts-provider.tsx';
import type { ThreadState } from '../store/thread-state.ts';

/** Tells who listens that an answer begins, and that it is there: its words are for reading, not for being called out. */
export function AnswerStatus({ state }: { readonly state: ThreadState }) {
  const { message: texts } = useTexts();
  const [isFollowed, setFollowed] = useState(false);
  const isLive = state.live !== undefined;
  if (isLive && !isFollowed) setFollowed(true);
  const [last] = state.runs.values();
  // What ended otherwise has a note, which is an alert.
  const ends = { completed: texts.answered, awaiting_approval: texts.waitsForDecision };
  const end =
    isFollowed && last !== undefined && last.status in ends ? ends[last.status as keyof typeof ends] : '';
  return (
    <p className="hidden" role="status">
      {isLive ? texts.thinking : end}
    </p>
  );
}
