import { type FormEvent, useRef, useState } from 'react';
import { focusMessageBox } from '../composer/message-box.tsx';
import { TextBox } from '../composer/text-box.tsx';
import { type ChatMessage, textOf } from '../store/message.ts';
import { useThread } from '../thread-context.ts';

interface EditBoxProps {
  readonly message: ChatMessage;
  readonly onEnd: () => void;
}

/** In the place of a message that is being changed. */
export function EditBox({ message, onEnd }: EditBoxProps) {
  const thread = useThread();
  const form = useRef<HTMLFormElement>(null);
  const [text, setText] = useState(textOf(message));
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    onEnd();
    thread.send(text, message);
    focusMessageBox();
  };
  return (
    <form className="composer editing" ref={form} onSubmit={send}>
      <TextBox
        aria-label="Edit the message"
        autoFocus
        maxRows={12}
        value={text}
        onText={setText}
        onEnter={() => form.current?.requestSubmit()}
        onKeyDown={({ key, nativeEvent }) => key === 'Escape' && !nativeEvent.isComposing && onEnd()}
      />
      <p className="hint">Everything after this message is replaced by the new answer.</p>
      <div className="composer-actions">
        <button type="button" className="button" onClick={onEnd}>
          Cancel
        </button>
        <button type="submit" className="button primary">
          Send
        </button>
      </div>
    </form>
  );
}
