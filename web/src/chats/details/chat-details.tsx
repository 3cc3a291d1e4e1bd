import type { ChatSummary } from 'questlog/client';
import { useRef, useState } from 'react';
import { useDataTexts } from '../../texts/data-texts.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useWorkspace } from '../../workspace.ts';
import type { ChatFilter } from '../chat-list-store.ts';
import { changeChat, type Details } from './change-chat.ts';
import { ExpiryField } from './expiry-field.tsx';
import { MetadataTable } from './metadata-table.tsx';
import { TagEditor } from './tag-editor.tsx';
import { withTag } from './tags.ts';
import './details.css';

interface ChatDetailsProps {
  readonly chatId: string;
  readonly title: string;
  /** Undefined: the list does not hold it. */
  readonly listed: ChatSummary | undefined;
  readonly tags: readonly string[];
  readonly expiresAt: string | null;
  readonly onClose: () => void;
}

/** What belongs to a chat beside what was said. Nothing changes before it is saved, and that can be taken back. */
export function ChatDetails({ chatId, title, listed, tags, expiresAt, onClose }: ChatDetailsProps) {
  const workspace = useWorkspace();
  const texts = useTexts();
  const { details: words } = useDataTexts();
  const [before] = useState<Details>({ tags, expiresAt });
  const [edited, setEdited] = useState(before);
  const [written, setWritten] = useState('');
  const [phase, setPhase] = useState<'editing' | 'saving' | 'failed'>('editing');
  const [fault, setFault] = useState<'over' | 'tooMany'>();
  const form = useRef<HTMLFormElement>(null);
  // By the browser, which gives the focus back.
  const leave = () => form.current?.closest('dialog')?.close();
  const show = (filter: ChatFilter | undefined) => {
    workspace.filter(filter);
    leave();
  };
  const save = async () => {
    if (phase === 'saving') return;
    const next = { ...edited, tags: withTag(edited.tags, written) };
    if (next.tags === undefined) return setFault('tooMany');
    if (next.expiresAt !== before.expiresAt && Date.parse(next.expiresAt ?? '') < Date.now())
      return setFault('over');
    setFault(undefined);
    setPhase('saving');
    const wanted = { ...next, tags: next.tags };
    try {
      const undo = await changeChat(workspace, chatId, before, wanted);
      leave();
      if (undo === undefined) return;
      const undoOrSay = () => void undo().catch(() => workspace.toasts.show(words.notSaved));
      workspace.toasts.show(words.saved(title), { label: texts.common.undo, run: undoOrSay });
    } catch {
      setPhase('failed');
    }
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form
        ref={form}
        className="details"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p className="hint" dir="auto">
          {title}
        </p>
        <TagEditor
          tags={edited.tags}
          written={written}
          onWrite={setWritten}
          onChange={(changed) => setEdited({ ...edited, tags: changed })}
          onShow={(tag) => show({ tags: [tag] })}
        />
        <ExpiryField
          expiresAt={edited.expiresAt}
          onChange={(changed) => setEdited({ ...edited, expiresAt: changed })}
        />
        <MetadataTable chatId={chatId} listed={listed} onShow={(metadata) => show({ metadata })} />
        {fault !== undefined && (
          <p role="alert" className="problem">
            {words[fault]}
          </p>
        )}
        {phase === 'failed' && (
          <p role="alert" className="problem">
            {words.notSaved} {texts.common.tryAgain}.
          </p>
        )}
        <div className="buttons">
          {workspace.chats.state.get().filter !== undefined && (
            <button type="button" className="button" onClick={() => show(undefined)}>
              {texts.chats.all}
            </button>
          )}
          <button type="button" className="button" onClick={leave}>
            {texts.common.cancel}
          </button>
          <button type="submit" className="button primary" aria-disabled={phase === 'saving'}>
            {words.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
