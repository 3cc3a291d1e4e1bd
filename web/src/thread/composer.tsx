import { useEffect, useRef, useState } from 'react';
import { readStored, store } from '../storage.ts';
import { Icon } from '../ui/icons.tsx';
import { Composer, useDraft, useSetDraft, WhileRunning } from './assistant.tsx';

interface MessageBoxProps {
  readonly chatId: string;
  readonly isLoading: boolean;
}

/** Where the person writes. What is not sent yet is still there after a reload. */
export function MessageBox({ chatId, isLoading }: MessageBoxProps) {
  useKeptDraft(chatId);
  return (
    <Composer.Root className="composer">
      <Composer.Input
        id="message"
        aria-label="Message"
        placeholder="Write a message…"
        rows={1}
        maxRows={10}
        autoFocus={matchMedia('(hover: hover)').matches}
        cancelOnEscape
        addAttachmentOnPaste={false}
        disabled={isLoading}
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
