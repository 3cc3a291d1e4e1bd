import type { FileInfo } from '../../files/file-part.ts';
import type { Hold, Outgoing } from '../../outbox/outgoing.ts';
import type { Texts } from '../../texts/en.ts';
import { sayFailure } from '../../texts/say-failure.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useWorkspace } from '../../workspace.ts';
import { focusMessageBox } from '../composer/message-box.tsx';
import { useThread } from '../thread-context.ts';

/** What keeps a message from the server, and what the person can do about it. */
export function Unsent({ message }: { readonly message: Outgoing }) {
  const { outbox } = useWorkspace();
  const thread = useThread();
  const texts = useTexts();
  const { held, chatId } = message;
  const isFirst = outbox.of(chatId)[0]?.key === message.key;
  const takeBack = async () => {
    const taken = await outbox.takeBack(message);
    if (taken !== undefined) thread.draft.putBefore(taken);
    focusMessageBox();
  };
  if (isFirst && held === undefined)
    return <Sending files={message.files} onCancel={() => void takeBack()} />;
  const isProblem = held?.why === 'network' || held?.why === 'refusal';
  return (
    <div className={isProblem ? 'problem' : 'run-note'} role={held?.why === 'refusal' ? 'alert' : 'status'}>
      <p>
        {isProblem && <Icon name="warning" />} {wordsOf(held, texts)}
      </p>
      {isProblem && (
        <button type="button" className="button" onClick={() => outbox.retry(message)}>
          {texts.common.tryAgain}
        </button>
      )}
      <button type="button" className="button" onClick={() => void takeBack()}>
        {texts.message.toBox}
      </button>
    </div>
  );
}

interface SendingProps {
  readonly files: readonly FileInfo[];
  readonly onCancel: () => void;
}

/** The browser does not say how much of a request has gone: the bar says that it goes on, and how much it is. */
function Sending({ files, onCancel }: SendingProps) {
  const texts = useTexts();
  if (files.length === 0) return <p className="unsent">{texts.message.sending}</p>;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const label = texts.files.sending(texts.files.size(size));
  return (
    <div className="unsent sending">
      <span>{label}</span>
      <progress aria-label={label} />
      <button type="button" className="link" onClick={onCancel}>
        {texts.common.cancel}
      </button>
    </div>
  );
}

function wordsOf(held: Hold | undefined, texts: Texts): string {
  switch (held?.why) {
    case undefined:
      return texts.message.waitsForMessage;
    case 'answer':
      return texts.message.waitsForAnswer;
    case 'approval':
      return texts.message.waitsForDecision;
    case 'network':
      return texts.message.notSentYet(sayFailure(texts, held));
    case 'refusal':
      return texts.message.notSent(sayFailure(texts, held));
  }
}
