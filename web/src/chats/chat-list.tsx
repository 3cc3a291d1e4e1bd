import { useObservable } from '../observable.ts';
import { SHORTCUTS, shortcutOf } from '../shortcuts/shortcuts.ts';
import type { Texts } from '../texts/en.ts';
import { useLocale, useTexts } from '../texts/texts-provider.tsx';
import { useSeen } from '../ui/use-seen.ts';
import { useWorkspace } from '../workspace.ts';
import type { ChatListState } from './chat-list-store.ts';
import { ChatRow } from './chat-row.tsx';
import { FoundList, rowIdOf } from './found/found-list.tsx';
import { type DayGroup, groupByDay } from './groups/day-groups.ts';
import { pinnedOf } from './groups/pinned-chats.ts';
import { TagFilter } from './groups/tag-filter.tsx';
import { ListFailure } from './list-failure.tsx';
import { useRovingFocus } from './roving-focus.ts';
import { isUnread } from './seen-chats.ts';
import { UnsentChats, useUnsentChats } from './unsent-chats.tsx';

/**
 * What was not sent, the pinned chats, the others by day, and what was found in them: one stop of the Tab key, arrows, Home
 * and End lead through it.
 */
export function ChatList({ currentId }: { readonly currentId: string | undefined }) {
  const workspace = useWorkspace();
  const { chats, seen: seenChats, found } = workspace;
  const texts = useTexts();
  const locale = useLocale();
  const state = useObservable(chats.state);
  const seen = useObservable(seenChats.seen);
  const end = useSeen<HTMLDivElement>(
    () => void chats.loadMore(),
    state.nextCursor !== null && !state.isLoadingMore,
  );
  const groups = groupsOf(state, texts, locale);
  const unsent = useUnsentChats(state.chats);
  const titled = [...unsent, ...groups.flatMap((group) => group.chats)].map(({ chat_id }) => chat_id);
  // A title that fits and is listed above already says nothing new.
  const said = useObservable(found.state).results.filter(
    ({ position, chat_id }) => position !== null || !titled.includes(chat_id),
  );
  const roving = useRovingFocus([...titled, ...said.map(rowIdOf)], currentId);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is pressed on its rows comes here.
    <div
      className="chat-list"
      data-scrolls
      aria-busy={state.phase === 'loading'}
      onKeyDown={(event) => {
        roving.onKeyDown(event);
        if (!(event.target instanceof HTMLAnchorElement) || state.query === '') return;
        if (shortcutOf(SHORTCUTS.search, event.nativeEvent) !== 'clear') return;
        event.stopPropagation();
        workspace.search('');
        document.getElementById('search')?.focus();
      }}
      onFocus={roving.onFocus}
    >
      <TagFilter />
      <UnsentChats chats={unsent} currentId={currentId} stop={roving.stop} />
      {groups.map(({ label, chats: group }) => (
        <section key={label} aria-label={label}>
          <h2>{label}</h2>
          <ul>
            {group.map((chat) => (
              <ChatRow
                key={chat.chat_id}
                chat={chat}
                isCurrent={chat.chat_id === currentId}
                isStop={chat.chat_id === roving.stop}
                isNews={isUnread(chat, seen)}
              />
            ))}
          </ul>
        </section>
      ))}
      <ListNote />
      <div ref={end} />
      <FoundList results={said} stop={roving.stop} />
    </div>
  );
}

/** What is searched for has its place by day, pinned or not. */
function groupsOf(state: ChatListState, texts: Texts, locale: string): DayGroup[] {
  if (state.query !== '') return groupByDay(state.chats, texts.days, locale);
  const pinned = pinnedOf(state);
  const others = state.chats.filter((chat) => !chat.is_pinned);
  const days = groupByDay(others, texts.days, locale);
  return pinned.length > 0 ? [{ label: texts.chats.pinned, chats: pinned }, ...days] : days;
}

function ListNote() {
  const { chats } = useWorkspace();
  const texts = useTexts();
  const { phase, error, query, filter, chats: shown, isLoadingMore } = useObservable(chats.state);
  if (phase === 'failed') return <ListFailure error={error} onAgain={() => void chats.refresh()} />;
  if (phase === 'loading') {
    return (
      <div className="skeletons" aria-hidden="true">
        {[78, 55, 66, 40, 60].map((width) => (
          <span key={width} style={{ width: `${width}%` }} />
        ))}
      </div>
    );
  }
  if (isLoadingMore) return <p className="list-note">{texts.chats.loadingMore}</p>;
  if (shown.length > 0) return null;
  const none = filter === undefined ? texts.chats.none : texts.chats.noneFiltered;
  return <p className="list-note">{query === '' ? none : texts.chats.noneFound(query)}</p>;
}
