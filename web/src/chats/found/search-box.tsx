import { useObservable } from '../../observable.ts';
import { SHORTCUTS, shortcutOf } from '../../shortcuts/shortcuts.ts';
import { useKeyNames } from '../../shortcuts/use-key-names.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useWorkspace } from '../../workspace.ts';
import { ROW } from '../roving-focus.ts';
import { MAX_QUERY } from './found-store.ts';

/** What the person looks for, in titles and in what was said. Down leads to what was found. */
export function SearchBox() {
  const workspace = useWorkspace();
  const { chats: texts } = useTexts();
  const nameOf = useKeyNames();
  const { query } = useObservable(workspace.chats.state);
  return (
    <label className="search">
      <Icon name="search" />
      <input
        id="search"
        type="search"
        dir="auto"
        placeholder={texts.search}
        aria-label={texts.searchAll}
        title={nameOf(SHORTCUTS.page.search)}
        value={query}
        maxLength={MAX_QUERY}
        onChange={(event) => workspace.search(event.target.value)}
        onKeyDown={(event) => {
          const pressed = shortcutOf(SHORTCUTS.search, event.nativeEvent);
          if (pressed === undefined || query === '') return;
          event.preventDefault();
          // An answer is not stopped by it.
          event.stopPropagation();
          if (pressed === 'clear') workspace.search('');
          else document.querySelector<HTMLElement>(`.chat-list [${ROW}] a`)?.focus();
        }}
      />
    </label>
  );
}
