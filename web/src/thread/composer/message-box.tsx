import { type FormEvent, useEffect, useRef } from 'react';
import { useObservable } from '../../observable.ts';
import { Icon } from '../../ui/icons.tsx';
import { useThread } from '../thread-context.ts';
import { TextBox } from './text-box.tsx';

const BOX_ID = 'message';

/** When what had the focus is gone. */
export function focusMessageBox(): void {
  document.getElementById(BOX_ID)?.focus();
}

/** Where the person writes. What is not sent yet is still there after a reload. */
export function MessageBox({ onSend }: { readonly onSend: (text: string) => void }) {
  const thread = useThread();
  const text = useObservable(thread.draft.text);
  const isRunning = useObservable(thread.state).live !== undefined;
  const form = useRef<HTMLFormElement>(null);
  useEscapeToStop();
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    thread.draft.set('');
    onSend(text);
  };
  return (
    <form className="composer" ref={form} onSubmit={send}>
      <TextBox
        id={BOX_ID}
        aria-label="Message"
        placeholder="Write a message…"
        maxRows={10}
        autoFocus={matchMedia('(hover: hover)').matches}
        value={text}
        onText={(written) => thread.draft.set(written)}
        onEnter={() => form.current?.requestSubmit()}
      />
      {isRunning && (
        <button
          type="button"
          className="round stop"
          aria-label="Stop the answer"
          title="Stop (Esc)"
          onClick={() => void thread.stop()}
        >
          <Icon name="stop" />
        </button>
      )}
      {(!isRunning || text.trim() !== '') && (
        <button
          type="submit"
          className="round"
          aria-label="Send"
          title={isRunning ? 'Send after this answer (Enter)' : 'Send (Enter)'}
          disabled={text.trim() === ''}
        >
          <Icon name="send" />
        </button>
      )}
    </form>
  );
}

/** Escape stops the answer, unless it means something else where it is pressed. */
function useEscapeToStop(): void {
  const thread = useThread();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isElsewhere = event.target instanceof Element && event.target.closest('input, details, .editing');
      if (event.key !== 'Escape' || isElsewhere || document.querySelector('dialog[open]') !== null) return;
      if (thread.state.get().live !== undefined) void thread.stop();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [thread]);
}
