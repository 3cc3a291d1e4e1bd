import type { RunResponse } from 'questlog/client';
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
  if (run.pending.length > 0) return <ApprovalCards run={run} />;
  if (run.status === 'running' || run.status === 'completed') return null;
  return (
    <div className={run.status === 'cancelled' ? 'run-note' : 'problem'} role={isLast ? 'alert' : undefined}>
      <p>
        <Icon name={run.status === 'cancelled' ? 'stop' : 'warning'} /> {wordsFor(run, parts.at(-1))}
      </p>
      {isLast && (
        <button type="button" className="button" onClick={() => thread.answerAgain()}>
          Try again
        </button>
      )}
    </div>
  );
}

/** What the person can do, where it is more than trying again. */
const WORDS: Readonly<Record<string, string>> = {
  context_too_long: 'This conversation is longer than the model can read. Begin a new chat.',
  model_content_filtered: 'The content filter of the model refused this. Say it differently.',
  model_input_refused:
    'The model does not take something in this conversation. Say it differently, or begin a new chat.',
  model_rate_limited: 'The model has too much to do. Try again in a while.',
  model_unavailable: 'The model cannot be reached. Try again in a while.',
  model_timeout: 'The model took too long. Try again in a while.',
  model_quota_exceeded: 'The model cannot be used now: only who runs this server can change that.',
  model_unauthorized: 'The model cannot be used now: only who runs this server can change that.',
  model_not_found: 'The model cannot be used now: only who runs this server can change that.',
};

function wordsFor({ status, error }: RunResponse, last: Part | undefined): string {
  const isUndecided = last?.type === 'tool' && last.state === 'rejected';
  if (status === 'cancelled' && isUndecided) return 'You went on without it.';
  if (status === 'cancelled') return 'You stopped this answer.';
  if (status === 'interrupted') return 'This answer was interrupted: the server stopped.';
  return WORDS[error?.code ?? ''] ?? error?.detail ?? 'The agent failed.';
}
