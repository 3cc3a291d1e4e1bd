import type { Hold, Outgoing } from '../../outbox/outgoing.ts';
import { Icon } from '../../ui/icons.tsx';
import { useWorkspace } from '../../workspace.ts';
import { focusMessageBox } from '../composer/message-box.tsx';
import { useThread } from '../thread-context.ts';

/** What keeps a message from the server, and what the person can do about it. */
export function Unsent({ message }: { readonly message: Outgoing }) {
  const { outbox } = useWorkspace();
  const thread = useThread();
  const { held, chatId } = message;
  const isFirst = outbox.of(chatId)[0]?.key === message.key;
  if (isFirst && held === undefined) return <p className="unsent">Sending…</p>;
  const takeBack = async () => {
    const taken = await outbox.takeBack(message);
    if (taken !== undefined) thread.draft.putBefore(taken);
    focusMessageBox();
  };
  const isProblem = held?.why === 'network' || held?.why === 'refusal';
  return (
    <div className={isProblem ? 'problem' : 'run-note'} role={held?.why === 'refusal' ? 'alert' : 'status'}>
      <p>
        {isProblem && <Icon name="warning" />} {wordsOf(held)}
      </p>
      {isProblem && (
        <button type="button" className="button" onClick={() => outbox.retry(message)}>
          Try again
        </button>
      )}
      <button type="button" className="button" onClick={() => void takeBack()}>
        Back to the message box
      </button>
    </div>
  );
}

function wordsOf(held: Hold | undefined): string {
  switch (held?.why) {
    case undefined:
      return 'Waits for the message before it.';
    case 'answer':
      return 'Waits for the answer before it.';
    case 'approval':
      return 'Waits for your decision.';
    case 'network':
      return `Not sent yet. ${held.reason} It goes out by itself as soon as it can.`;
    case 'refusal':
      return `Not sent. ${held.reason}`;
  }
}
