import { type FormEvent, useRef, useState } from 'react';
import { SHORTCUTS, shortcutOf } from '../../shortcuts/shortcuts.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { focusMessageBox } from '../composer/message-box.tsx';
import { PastedList } from '../composer/pasted-list.tsx';
import { TextBox } from '../composer/text-box.tsx';
import { type ChatMessage, writtenOf } from '../store/message.ts';
import { useThread } from '../thread-context.ts';

interface EditBoxProps {
  readonly message: ChatMessage;
  readonly onSent: () => void;
  readonly onCancel: () => void;
}

/** In the place of a message that is being changed. */
export function EditBox({ message, onSent, onCancel }: EditBoxProps) {
  const thread = useThread();
  const texts = useTexts();
  const form = useRef<HTMLFormElement>(null);
  const [written, setWritten] = useState(() => writtenOf(message));
  const { text, pasted } = written;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '' && pasted.length === 0) return;
    onSent();
    thread.send(written, message);
    focusMessageBox();
  };
  return (
    <form className="composer editing" ref={form} onSubmit={send}>
      <PastedList
        pasted={pasted}
        onRemove={(index) => setWritten({ text, pasted: pasted.toSpliced(index, 1) })}
      />
      <TextBox
        aria-label={texts.message.editing}
        autoFocus
        maxRows={12}
        value={text}
        onText={(typed) => setWritten({ text: typed, pasted })}
        onLongPaste={(long) => setWritten({ text, pasted: [...pasted, long] })}
        onSend={() => form.current?.requestSubmit()}
        onKeyDown={({ nativeEvent }) =>
          shortcutOf(SHORTCUTS.editing, nativeEvent) === 'discard' && onCancel()
        }
      />
      <p className="hint">{texts.message.editingReplaces}</p>
      <div className="composer-actions">
        <button type="button" className="button" onClick={onCancel}>
          {texts.common.cancel}
        </button>
        <button type="submit" className="button primary">
          {texts.common.send}
        </button>
      </div>
    </form>
  );
}
