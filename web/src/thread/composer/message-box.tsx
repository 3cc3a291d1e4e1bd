import { type FormEvent, useRef } from 'react';
import { useObservable } from '../../observable.ts';
import { isNothing, type Written } from '../../outbox/outgoing.ts';
import { useSettings } from '../../settings/settings-context.ts';
import { SHORTCUTS, WRITING } from '../../shortcuts/shortcuts.ts';
import { useKeyNames } from '../../shortcuts/use-key-names.ts';
import { useShortcuts } from '../../shortcuts/use-shortcuts.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useThread } from '../thread-context.ts';
import { DropZone } from './drop-zone.tsx';
import { useSending } from './use-sending.ts';
import { WritingFields } from './writing-fields.tsx';

const BOX_ID = 'message';

/** When what had the focus is gone. */
export function focusMessageBox(): void {
  document.getElementById(BOX_ID)?.focus();
}

/** Where the person writes. What is not sent yet is still there after a reload. */
export function MessageBox({ onSend }: { readonly onSend: (written: Written) => void }) {
  const thread = useThread();
  const { composer, common } = useTexts();
  const { sendKey } = useObservable(useSettings().chosen);
  const nameOf = useKeyNames();
  const { draft } = thread;
  const isReading = useObservable(draft.incoming).reading.length > 0;
  const isEmpty = isNothing(useObservable(draft.written)) && !isReading;
  const isRunning = useObservable(thread.state).live !== undefined;
  const form = useRef<HTMLFormElement>(null);
  useEscapeToStop();
  const send = useSending(draft, (written) => {
    onSend(written);
    focusMessageBox();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  const drop = (files: readonly File[]) => {
    draft.attach(files);
    focusMessageBox();
  };
  return (
    <form className="composer" ref={form} onSubmit={submit}>
      <DropZone onFiles={drop} />
      <WritingFields
        writing={draft}
        id={BOX_ID}
        aria-label={composer.message}
        placeholder={composer.placeholder}
        maxRows={10}
        autoFocus={matchMedia('(hover: hover)').matches}
        onSend={() => form.current?.requestSubmit()}
      />
      {isRunning && (
        <button
          type="button"
          className="round stop"
          aria-label={composer.stop}
          title={`${composer.stop} (${nameOf(SHORTCUTS.answer.stop)})`}
          onClick={() => void thread.stop()}
        >
          <Icon name="stop" />
        </button>
      )}
      {(!isRunning || !isEmpty) && (
        <button
          type="submit"
          className="round"
          aria-label={common.send}
          title={`${isRunning ? composer.sendAfter : common.send} (${nameOf(WRITING[sendKey].send)})`}
          disabled={isEmpty}
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
  useShortcuts(SHORTCUTS.answer, {
    stop: ({ target }) => {
      const isElsewhere = target instanceof Element && target.closest('input, details, .editing') !== null;
      if (isElsewhere || thread.state.get().live === undefined) return false;
      return thread.stop();
    },
  });
}
