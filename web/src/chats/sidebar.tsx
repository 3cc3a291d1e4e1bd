import type { ReactNode } from 'react';
import { pathOf } from '../config.ts';
import type { Place } from '../navigation.ts';
import { SHORTCUTS } from '../shortcuts/shortcuts.ts';
import { useKeyNames } from '../shortcuts/use-key-names.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import favicon from '../ui/favicon.svg';
import { IconButton } from '../ui/icon-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { useWorkspace } from '../workspace.ts';
import { ChatList } from './chat-list.tsx';
import { SearchBox } from './found/search-box.tsx';

interface SidebarProps {
  readonly place: Place;
  readonly onClose: () => void;
  readonly onSettings: () => void;
  readonly children: ReactNode;
}

/** Where chats are that are put away. */
const SHELVES = [
  { view: 'archived', icon: 'archive', title: 'archivedChats' },
  { view: 'deleted', icon: 'trash', title: 'deletedChats' },
] as const;

/** The chats: new, search, the list, those that are put away. */
export function Sidebar({ place, onClose, onSettings, children }: SidebarProps) {
  const { navigation } = useWorkspace();
  const texts = useTexts();
  const nameOf = useKeyNames();
  return (
    <nav className="sidebar" aria-label={texts.chats.list}>
      <div className="sidebar-head">
        <span className="brand">
          <img src={favicon} alt="" width="24" height="24" /> Questlog
        </span>
        <IconButton icon="close" label={texts.page.closeList} className="only-narrow" onClick={onClose} />
      </div>
      <button
        type="button"
        className="button new-chat"
        onClick={() => navigation.goToNewChat()}
        title={nameOf(SHORTCUTS.page.newChat)}
      >
        <Icon name="add" /> {texts.common.newChat}
      </button>
      <SearchBox />
      <ChatList currentId={place.view === 'chat' && !place.isNew ? place.chatId : undefined} />
      <div className="sidebar-foot">
        {SHELVES.map(({ view, icon, title }) => (
          <button
            key={view}
            type="button"
            className="quiet"
            aria-current={place.view === view ? 'page' : undefined}
            onClick={() => navigation.goTo(pathOf(`/${view}`))}
          >
            <Icon name={icon} /> {texts[title].title}
          </button>
        ))}
        <button type="button" className="quiet" title={nameOf(SHORTCUTS.page.settings)} onClick={onSettings}>
          <Icon name="settings" /> {texts.settings.title}
        </button>
        {children}
      </div>
    </nav>
  );
}
