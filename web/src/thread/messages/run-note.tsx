import type { RunResponse } from 'questlog/client';
import { Icon } from '../../ui/icons.tsx';
import { useThread } from '../thread-context.ts';
import { ApprovalCards } from './approval-card.tsx';

interface RunNoteProps {
  readonly run: RunResponse;
  readonly isLast: boolean;
}

/** How a run ended that did not end well, and what the person can do about it. */
export function RunNote({ run, isLast }: RunNoteProps) {
  const thread = useThread();
  const again = () => {
    const asked = thread.state.get().messages.findLast(({ role }) => role === 'user');
    if (asked !== undefined) void thread.repeat(asked);
  };
  if (run.status === 'running' || run.status === 'completed') return null;
  if (run.status === 'awaiting_approval') return <ApprovalCards run={run} />;
  return (
    <div className={run.status === 'cancelled' ? 'run-note' : 'problem'} role={isLast ? 'alert' : undefined}>
      <p>
        <Icon name={run.status === 'cancelled' ? 'stop' : 'warning'} /> {wordsFor(run)}
      </p>
      {isLast && (
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

function wordsFor({ status, error }: RunResponse): string {
  if (status === 'cancelled') return 'You stopped this answer.';
  if (status === 'interrupted') return 'This answer was interrupted: the server stopped.';
  return error?.detail ?? 'The agent failed.';
}
