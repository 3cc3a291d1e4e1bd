import type { ChatSummary } from 'questlog/client';
import { useState } from 'react';
import type { ChatDetails } from '../../chats/details/chat-details.tsx';
import { useLocale, useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useWorkspace } from '../../workspace.ts';
import type { ThreadState } from '../store/thread-state.ts';

interface DetailsButtonProps {
  readonly chatId: string;
  readonly title: string;
  /** Undefined: the list does not hold it. */
  readonly listed: ChatSummary | undefined;
  readonly state: Pick<ThreadState, 'tags' | 'expiresAt'>;
}

/** The tags of a chat and when it ends; it leads to where they are changed, which is fetched then. */
export function DetailsButton({ chatId, title, listed, state }: DetailsButtonProps) {
  const { toasts } = useWorkspace();
  const { thread: words, settings } = useTexts();
  const locale = useLocale();
  const [Details, setDetails] = useState<typeof ChatDetails>();
  const tags = listed?.tags ?? state.tags;
  const expiresAt = listed === undefined ? state.expiresAt : listed.expires_at;
  const ends =
    expiresAt && words.ends(new Date(expiresAt).toLocaleDateString(locale, { dateStyle: 'medium' }));
  const open = () =>
    import('../../chats/details/chat-details.tsx').then(
      (module) => setDetails(() => module.ChatDetails),
      () => toasts.show(settings.notLoaded),
    );
  return (
    <>
      <button
        type="button"
        className="icon-button chat-details"
        aria-label={[words.details, ...tags, ends || []].flat().join(', ')}
        title={[words.details, tags.join(', '), ends || []].flat().filter(Boolean).join('\n')}
        onClick={() => void open()}
      >
        <Icon name="tag" />
        <span dir="auto">{tags.join(', ')}</span>
        <span>{ends}</span>
      </button>
      {Details && (
        <Details
          chatId={chatId}
          title={title}
          listed={listed}
          tags={tags}
          expiresAt={expiresAt}
          onClose={() => setDetails(undefined)}
        />
      )}
    </>
  );
}
