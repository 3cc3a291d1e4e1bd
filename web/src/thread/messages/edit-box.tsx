import { useRef, useState } from 'react';
import { SHORTCUTS, shortcutOf } from '../../shortcuts/shortcuts.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { useWorkspace } from '../../workspace.ts';
import { focusMessageBox } from '../composer/message-box.tsx';
import { useSending } from '../composer/use-sending.ts';
import { Writing } from '../composer/writing.ts';
import { WritingFields } from '../composer/writing-fields.tsx';
import { type ChatMessage, filesOf, writtenOf } from '../store/message.ts';
import { useThread } from '../thread-context.ts';

interface EditBoxProps {
  readonly message: ChatMessage;
  readonly onSent: () => void;
  readonly onCancel: () => void;
}

/** In the place of a message that is being changed. */
export function EditBox({ message, onSent, onCancel }: EditBoxProps) {
  const thread = useThread();
  const { files } = useWorkspace();
  const texts = useTexts();
  const form = useRef<HTMLFormElement>(null);
  const [writing] = useState(() => {
    const made = new Writing(files, { ...writtenOf(message), files: [] });
    made.attachAgain(filesOf(message));
    return made;
  });
  const send = useSending(writing, (written) => {
    onSent();
    thread.send(written, message);
    focusMessageBox();
  });
  const cancel = () => {
    writing.discard();
    onCancel();
  };
  return (
    <form
      className="composer editing"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <WritingFields
        writing={writing}
        aria-label={texts.message.editing}
        autoFocus
        maxRows={12}
        onSend={() => form.current?.requestSubmit()}
        onKeyDown={({ nativeEvent }) => shortcutOf(SHORTCUTS.editing, nativeEvent) === 'discard' && cancel()}
      />
      <p className="hint">{texts.message.editingReplaces}</p>
      <div className="composer-actions">
        <button type="button" className="button" onClick={cancel}>
          {texts.common.cancel}
        </button>
        <button type="submit" className="button primary">
          {texts.common.send}
        </button>
      </div>
    </form>
  );
}
