import type { ChatSummary } from 'questlog/client';
import { type ReactNode, useEffect } from 'react';
import { MainView } from '../../main-view.tsx';
import { pathOfChat } from '../../navigation.ts';
import { useObservable } from '../../observable.ts';
import { sayFailure } from '../../texts/say-failure.ts';
import { useLocale, useTexts } from '../../texts/texts-provider.tsx';
import type { IconName } from '../../ui/icons.tsx';
import { Notice } from '../../ui/notice.tsx';
import { useSeen } from '../../ui/use-seen.ts';
import { useWorkspace } from '../../workspace.ts';
import type { ChatListStore } from '../chat-list-store.ts';
import { titleOf } from '../chat-row.tsx';
import { TagFilter } from '../groups/tag-filter.tsx';

interface ShelfProps {
  readonly store: ChatListStore;
  readonly words: Readonly<Record<'title' | 'loading' | 'none' | 'noneYet', string>>;
  readonly icon: IconName;
  readonly menu: ReactNode;
  /** What can be done with a chat. */
  readonly actionsOf: (chat: ChatSummary, title: string) => ReactNode;
}

/** Chats that are not in the list, newest activity first. */
export function Shelf({ store, words, icon, menu, actionsOf }: ShelfProps) {
  const { navigation } = useWorkspace();
  const texts = useTexts();
  const locale = useLocale();
  const { phase, error, chats, filter, nextCursor, isLoadingMore } = useObservable(store.state);
  const end = useSeen<HTMLDivElement>(() => void store.loadMore(), nextCursor !== null && !isLoadingMore);
  useEffect(() => void store.refresh(), [store]);
  return (
    <MainView title={words.title} menu={menu}>
      <div className="shelf" data-scrolls>
        <TagFilter />
        {phase === 'loading' && <Notice title={words.loading} />}
        {error !== undefined && <Notice icon="warning" title={sayFailure(texts, error)} />}
        {phase === 'ready' && chats.length === 0 && (
          <Notice icon={icon} title={words.none}>
            <p>{filter === undefined ? words.noneYet : texts.chats.noneFiltered}</p>
          </Notice>
        )}
        <ul>
          {chats.map((chat) => (
            <li key={chat.chat_id}>
              <div>
                <a dir="auto" href={pathOfChat(chat.chat_id)} onClick={(event) => navigation.follow(event)}>
                  {titleOf(chat, texts)}
                </a>
                <time dateTime={chat.updated_at}>{new Date(chat.updated_at).toLocaleString(locale)}</time>
              </div>
              {actionsOf(chat, titleOf(chat, texts))}
            </li>
          ))}
        </ul>
        <div ref={end} />
      </div>
    </MainView>
  );
}
