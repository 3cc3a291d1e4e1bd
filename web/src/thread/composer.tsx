import { type KeyboardEvent as ReactKeyboardEvent, useEffect, useRef, useState } from 'react';
import { readStored, store } from '../storage.ts';
import { Icon } from '../ui/icons.tsx';
import { Composer, useDraft, useSetDraft, WhileRunning } from './assistant.tsx';
import { useThread } from './thread-context.ts';

const BOX_ID = 'message';

/** When what had the focus is gone. */
export function focusMessageBox(): void {
  document.getElementById(BOX_ID)?.focus();
}

/** Where the person writes. What is not sent yet is still there after a reload. */
export function MessageBox({ chatId }: { readonly chatId: string }) {
  const thread = useThread();
  useKeptDraft(chatId);
  useEscapeToStop();
  /** While an answer is written, Enter neither sends nor makes a new line. */
  const onKeyDown = (event: ReactKeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    if (thread.state.get().live !== undefined) event.preventDefault();
  };
  return (
    <Composer.Root className="composer">
      <Composer.Input
        id={BOX_ID}
        aria-label="Message"
        placeholder="Write a message…"
        rows={1}
        maxRows={10}
        autoFocus={matchMedia('(hover: hover)').matches}
        cancelOnEscape={false}
        onKeyDown={onKeyDown}
        // A person who reads, renames or answers elsewhere keeps the focus there.
        unstable_focusOnRunStart={false}
        unstable_focusOnScrollToBottom={false}
        unstable_focusOnThreadSwitched={false}
        addAttachmentOnPaste={false}
      />
      <WhileRunning is={false}>
        <Composer.Send className="round" aria-label="Send" title="Send (Enter)">
          <Icon name="send" />
        </Composer.Send>
      </WhileRunning>
      <WhileRunning is={true}>
        <Composer.Cancel className="round stop" aria-label="Stop the answer" title="Stop (Esc)">
          <Icon name="stop" />
        </Composer.Cancel>
      </WhileRunning>
    </Composer.Root>
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

function useKeptDraft(chatId: string): void {
  const text = useDraft();
  const setText = useSetDraft();
  const [firstKey] = useState(() => draftKey(chatId));
  const isRestored = useRef(false);
  useEffect(() => {
    if (isRestored.current) return;
    isRestored.current = true;
    const kept = readStored<string>(firstKey);
    if (kept !== undefined) setText(kept);
  });
  useEffect(() => {
    const key = draftKey(chatId);
    if (key !== firstKey) store(firstKey, undefined);
    store(key, text === '' ? undefined : text);
  }, [chatId, firstKey, text]);
}

/** A new chat has another id after a reload. */
function draftKey(chatId: string): string {
  return location.pathname === '/' ? 'draft:new' : `draft:${chatId}`;
}
