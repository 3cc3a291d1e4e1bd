import type { ChatSummary } from 'questlog/client';
import { type ReactNode, useEffect, useState } from 'react';
import { MainView } from '../main-view.tsx';
import { pathOfChat } from '../navigation.ts';
import { useObservable } from '../observable.ts';
import { sayFailure } from '../texts/say-failure.ts';
import { useLocale, useTexts } from '../texts/texts-provider.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { useSeen } from '../ui/use-seen.ts';
import { useWorkspace } from '../workspace.ts';
import { titleOf } from './chat-row.tsx';

/** The deleted chats: take one back, or remove it for good. */
export function DeletedView({ children }: { readonly children: ReactNode }) {
  const { chats, deleted, toasts, navigation } = useWorkspace();
  const texts = useTexts();
  const words = texts.deletedChats;
  const locale = useLocale();
  const state = useObservable(deleted.state);
  const [removing, setRemoving] = useState<ChatSummary>();
  const end = useSeen<HTMLDivElement>(
    () => void deleted.loadMore(),
    state.nextCursor !== null && !state.isLoadingMore,
  );
  useEffect(() => void deleted.refresh(), [deleted]);
  const restore = async (chat: ChatSummary) => {
    await deleted.restore(chat.chat_id).catch(() => toasts.show(texts.chats.notRestored));
    await chats.refresh();
    navigation.goTo(pathOfChat(chat.chat_id));
  };
  return (
    <MainView title={words.title} menu={children}>
      <div className="deleted" data-scrolls>
        {state.phase === 'loading' && <Notice title={words.loading} />}
        {state.error !== undefined && <Notice icon="warning" title={sayFailure(texts, state.error)} />}
        {state.phase === 'ready' && state.chats.length === 0 && (
          <Notice icon="trash" title={words.none}>
            <p>{words.noneYet}</p>
          </Notice>
        )}
        <ul>
          {state.chats.map((chat) => (
            <li key={chat.chat_id}>
              <div>
                <strong dir="auto">{titleOf(chat, texts)}</strong>
                <time dateTime={chat.updated_at}>{new Date(chat.updated_at).toLocaleString(locale)}</time>
              </div>
              <button type="button" className="button" onClick={() => void restore(chat)}>
                <Icon name="restore" /> {words.restore}
                <span className="hidden"> {titleOf(chat, texts)}</span>
              </button>
              <button type="button" className="button danger" onClick={() => setRemoving(chat)}>
                {words.remove}
                <span className="hidden"> {titleOf(chat, texts)}</span>
              </button>
            </li>
          ))}
        </ul>
        <div ref={end} />
      </div>
      {removing !== undefined && (
        <Confirm
          title={words.confirm}
          text={words.confirmText(titleOf(removing, texts))}
          action={words.remove}
          onClose={() => setRemoving(undefined)}
          onConfirm={() => {
            deleted
              .delete(removing.chat_id, { permanent: true })
              .catch(() => toasts.show(texts.chats.notRemoved));
          }}
        />
      )}
    </MainView>
  );
}
