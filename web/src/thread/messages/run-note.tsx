import type { RunResponse } from 'questlog/client';
import type { Texts } from '../../texts/en.ts';
import { sayFailure } from '../../texts/say-failure.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import type { Part } from '../store/message.ts';
import { useThread } from '../thread-context.ts';
import { ApprovalCards } from './approval-card.tsx';

interface RunNoteProps {
  readonly run: RunResponse;
  readonly parts: readonly Part[];
  readonly isLast: boolean;
}

/** How a run ended that did not end well, and what the person can do about it. */
export function RunNote({ run, parts, isLast }: RunNoteProps) {
  const thread = useThread();
  const texts = useTexts();
  if (run.pending.length > 0) return <ApprovalCards run={run} />;
  if (run.status === 'running' || run.status === 'completed') return null;
  return (
    <div className={run.status === 'cancelled' ? 'run-note' : 'problem'} role={isLast ? 'alert' : undefined}>
      <p>
        <Icon name={run.status === 'cancelled' ? 'stop' : 'warning'} /> {wordsFor(run, parts.at(-1), texts)}
      </p>
      {isLast && (
        <button type="button" className="button" onClick={() => void thread.answerAgain()}>
          {texts.common.tryAgain}
        </button>
      )}
    </div>
  );
}

function wordsFor({ status, error }: RunResponse, last: Part | undefined, texts: Texts): string {
  const isUndecided = last?.type === 'tool' && last.state === 'rejected';
  if (status === 'cancelled' && isUndecided) return texts.message.wentOn;
  if (status === 'cancelled') return texts.message.stopped;
  if (status === 'interrupted') return texts.message.interrupted;
  return error ? sayFailure(texts, error) : texts.message.failed;
}
