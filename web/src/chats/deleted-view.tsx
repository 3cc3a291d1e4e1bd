import type { ChatSummary } from 'questlog/client';
import { type ReactNode, useEffect, useState } from 'react';
import { MainView } from '../main-view.tsx';
import { pathOfChat } from '../navigation.ts';
import { useObservable } from '../observable.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { useSeen } from '../ui/use-seen.ts';
import { useWorkspace } from '../workspace.ts';
import { titleOf } from './chat-row.tsx';

/** The deleted chats: take one back, or remove it for good. */
export function DeletedView({ children }: { readonly children: ReactNode }) {
  const { chats, deleted, toasts, navigation } = useWorkspace();
  const state = useObservable(deleted.state);
  const [removing, setRemoving] = useState<ChatSummary>();
  const end = useSeen<HTMLDivElement>(
    () => void deleted.loadMore(),
    state.nextCursor !== null && !state.isLoadingMore,
  );
  useEffect(() => void deleted.refresh(), [deleted]);
  const restore = async (chat: ChatSummary) => {
    await deleted.restore(chat.chat_id).catch(() => toasts.show('The chat could not be restored.'));
    await chats.refresh();
    navigation.goTo(pathOfChat(chat.chat_id));
  };
  return (
    <MainView title="Deleted chats" menu={children}>
      <div className="deleted" data-scrolls>
        {state.phase === 'loading' && <Notice title="Looking for deleted chats…" />}
        {state.phase === 'failed' && <Notice icon="warning" title={state.error ?? 'Something went wrong'} />}
        {state.phase === 'ready' && state.chats.length === 0 && (
          <Notice icon="trash" title="Nothing here">
            <p>A chat that you delete stays here until you remove it for good.</p>
          </Notice>
        )}
        <ul>
          {state.chats.map((chat) => (
            <li key={chat.chat_id}>
              <div>
                <strong dir="auto">{titleOf(chat)}</strong>
                <time dateTime={chat.updated_at}>{new Date(chat.updated_at).toLocaleString()}</time>
              </div>
              <button type="button" className="button" onClick={() => void restore(chat)}>
                <Icon name="restore" /> Restore<span className="hidden"> {titleOf(chat)}</span>
              </button>
              <button type="button" className="button danger" onClick={() => setRemoving(chat)}>
                Delete forever<span className="hidden"> {titleOf(chat)}</span>
              </button>
            </li>
          ))}
        </ul>
        <div ref={end} />
      </div>
      {removing !== undefined && (
        <Confirm
          title="Delete forever?"
          text={`“${titleOf(removing)}” and everything in it will be gone. This cannot be taken back.`}
          action="Delete forever"
          onClose={() => setRemoving(undefined)}
          onConfirm={() => {
            deleted
              .delete(removing.chat_id, { permanent: true })
              .catch(() => toasts.show('The chat could not be removed.'));
          }}
        />
      )}
    </MainView>
  );
}
