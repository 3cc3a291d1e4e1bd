import type { ReactNode } from 'react';
import { type Place, pathOfChat } from '../navigation.ts';
import { useObservable } from '../observable.ts';
import favicon from '../ui/favicon.svg';
import { IconButton } from '../ui/icon-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { useSeen } from '../ui/use-seen.ts';
import { useWorkspace } from '../workspace.ts';
import { ChatRow, titleOf } from './chat-row.tsx';
import { groupByDay } from './day-groups.ts';

interface SidebarProps {
  readonly place: Place;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The chats: new, search, the list by day, the deleted ones. */
export function Sidebar({ place, onClose, children }: SidebarProps) {
  const { chats, navigation } = useWorkspace();
  const { query } = useObservable(chats.state);
  return (
    <nav className="sidebar" aria-label="Chats">
      <div className="sidebar-head">
        <span className="brand">
          <img src={favicon} alt="" width="24" height="24" /> Questlog
        </span>
        <IconButton icon="close" label="Close the list of chats" className="only-narrow" onClick={onClose} />
      </div>
      <button
        type="button"
        className="button new-chat"
        onClick={() => navigation.goToNewChat()}
        title="Ctrl+Shift+O"
      >
        <Icon name="add" /> New chat
      </button>
      <label className="search">
        <Icon name="search" />
        <input
          id="search"
          type="search"
          placeholder="Search chats"
          aria-label="Search chats by title"
          title="Ctrl+K"
          value={query}
          onChange={(event) => chats.search(event.target.value)}
        />
      </label>
      <ChatList currentId={place.view === 'chat' && !place.isNew ? place.chatId : undefined} />
      <div className="sidebar-foot">
        <button
          type="button"
          className="quiet"
          aria-current={place.view === 'deleted' ? 'page' : undefined}
          onClick={() => navigation.goTo('/deleted')}
        >
          <Icon name="trash" /> Deleted chats
        </button>
        {children}
      </div>
    </nav>
  );
}

function ChatList({ currentId }: { readonly currentId: string | undefined }) {
  const { chats, toasts, navigation } = useWorkspace();
  const state = useObservable(chats.state);
  const end = useSeen<HTMLDivElement>(
    () => void chats.loadMore(),
    state.nextCursor !== null && !state.isLoadingMore,
  );
  const remove = (chatId: string, title: string) => {
    const wasShown = chatId === currentId;
    if (wasShown) navigation.goToNewChat();
    const undo = async () => {
      await chats.restore(chatId);
      if (wasShown) navigation.goTo(pathOfChat(chatId));
    };
    chats.delete(chatId).then(
      () => toasts.show(`“${title}” was deleted.`, { label: 'Undo', run: () => void undo() }),
      () => toasts.show('The chat could not be deleted.'),
    );
  };
  return (
    <div className="chat-list" data-scrolls aria-busy={state.phase === 'loading'}>
      {groupByDay(state.chats).map(({ label, chats: group }) => (
        <section key={label} aria-label={label}>
          <h2>{label}</h2>
          <ul>
            {group.map((chat) => (
              <ChatRow
                key={chat.chat_id}
                chat={chat}
                isCurrent={chat.chat_id === currentId}
                onRename={(title) => {
                  chats
                    .rename(chat.chat_id, title)
                    .catch(() => toasts.show('The chat could not be renamed.'));
                }}
                onDelete={() => remove(chat.chat_id, titleOf(chat))}
              />
            ))}
          </ul>
        </section>
      ))}
      <ListNote />
      <div ref={end} />
    </div>
  );
}

function ListNote() {
  const { chats } = useWorkspace();
  const { phase, error, query, chats: shown, isLoadingMore } = useObservable(chats.state);
  if (phase === 'failed') {
    return (
      <div className="list-note" role="alert">
        <p>{error}</p>
        <button type="button" className="button" onClick={() => void chats.refresh()}>
          Try again
        </button>
      </div>
    );
  }
  if (phase === 'loading') {
    return (
      <div className="skeletons" aria-hidden="true">
        {[78, 55, 66, 40, 60].map((width) => (
          <span key={width} style={{ width: `${width}%` }} />
        ))}
      </div>
    );
  }
  if (isLoadingMore) return <p className="list-note">Loading more…</p>;
  if (shown.length > 0) return null;
  return (
    <p className="list-note">
      {query === '' ? 'Your chats will be listed here.' : `No title contains “${query}”.`}
    </p>
  );
}
