import { type ReactNode, useEffect, useState } from 'react';
import type { Account } from './auth/auth-provider.ts';
import { type Change, watchChanges } from './changes.ts';
import { ArchivedView } from './chats/put-away/archived-view.tsx';
import { DeletedView } from './chats/put-away/deleted-view.tsx';
import { Sidebar } from './chats/sidebar.tsx';
import { useSeenChats } from './chats/use-seen-chats.ts';
import { MainView } from './main-view.tsx';
import type { Navigation, Place } from './navigation.ts';
import { useNotifier } from './notify/use-notifier.ts';
import { useObservable } from './observable.ts';
import type { DialogName } from './settings/dialogs.tsx';
import { useDialogs } from './settings/use-dialogs.tsx';
import { SHORTCUTS } from './shortcuts/shortcuts.ts';
import { useShortcuts } from './shortcuts/use-shortcuts.ts';
import { useTexts } from './texts/texts-provider.tsx';
import { focusMessageBox } from './thread/composer/message-box.tsx';
import { ThreadView } from './thread/thread-view.tsx';
import { IconButton } from './ui/icon-button.tsx';
import { Icon } from './ui/icons.tsx';
import { useKeptFocus } from './ui/kept-focus.ts';
import { Notice } from './ui/notice.tsx';
import { ToastList } from './ui/toasts.tsx';
import { type Workspace, WorkspaceProvider } from './workspace.ts';

interface AppProps {
  readonly workspace: Workspace;
  /** Undefined: one local user, who cannot sign out. */
  readonly account?: Account;
}

export function App({ workspace, account }: AppProps) {
  const { navigation } = workspace;
  const { page } = useTexts();
  const here = useObservable(navigation.place);
  const [isListOpen, setListOpen] = useState(false);
  const { dialogs, openDialog } = useDialogs(workspace.toasts);
  useEffect(() => {
    void workspace.chats.refresh();
    const onChange = (changes: readonly Change[]) => catchUp(workspace, changes);
    return watchChanges(workspace.client, workspace.tabs, onChange, (signal) => workspace.hear(signal));
  }, [workspace]);
  useSeenChats(workspace, here);
  useNotifier(workspace);
  useEffect(() => navigation.listen(), [navigation]);
  useEffect(() => workspace.outbox.open(), [workspace]);
  useKeptFocus(focusMessageBox);
  usePageShortcuts(navigation, () => setListOpen(true), openDialog);
  // On a narrow screen the list covers the chat that was chosen in it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is why.
  useEffect(() => setListOpen(false), [here]);
  const menu = (
    <IconButton icon="menu" label={page.showList} className="only-narrow" onClick={() => setListOpen(true)} />
  );
  return (
    <WorkspaceProvider value={workspace}>
      <div className="app" data-list-open={isListOpen}>
        <a className="skip" href="#main">
          {page.skipList}
        </a>
        <Sidebar place={here} onClose={() => setListOpen(false)} onSettings={() => openDialog('settings')}>
          {account !== undefined && <AccountRow account={account} />}
        </Sidebar>
        <button
          type="button"
          className="curtain"
          aria-hidden="true"
          tabIndex={-1}
          onClick={() => setListOpen(false)}
        />
        <View place={here} navigation={navigation}>
          {menu}
        </View>
        {dialogs}
        <ToastList toasts={workspace.toasts} />
      </div>
    </WorkspaceProvider>
  );
}

/** Fetches what may have changed of what is shown. */
async function catchUp(workspace: Workspace, changes: readonly Change[]): Promise<void> {
  for (const { chatId } of changes) workspace.outbox.wake(chatId);
  const now = workspace.navigation.place.get();
  const list = workspace.chats.catchUp(changes);
  if (now.view === 'deleted' || now.view === 'archived') await workspace[now.view].catchUp(changes);
  else if (now.view === 'chat') {
    const ofThis = changes.filter(({ chatId = now.chatId }) => chatId === now.chatId);
    await workspace.thread(now.chatId, now.isNew).catchUp(ofThis);
  }
  await list;
}

interface ViewProps {
  readonly place: Place;
  readonly navigation: Navigation;
  readonly children: ReactNode;
}

function View({ place, navigation, children }: ViewProps) {
  const { page, common } = useTexts();
  switch (place.view) {
    case 'deleted':
      return <DeletedView>{children}</DeletedView>;
    case 'archived':
      return <ArchivedView>{children}</ArchivedView>;
    case 'chat':
      return (
        <ThreadView key={place.chatId} chatId={place.chatId} isNew={place.isNew}>
          {children}
        </ThreadView>
      );
    case 'nowhere':
      return (
        <MainView title={page.nothingHere} menu={children}>
          <Notice title={page.nothingAtAddress}>
            <button type="button" className="button" onClick={() => navigation.goToNewChat()}>
              {common.newChat}
            </button>
          </Notice>
        </MainView>
      );
  }
}

function AccountRow({ account: { name, signOut } }: { readonly account: Account }) {
  const { page, signIn } = useTexts();
  return (
    <div className="account">
      <Icon name="user" />
      <span>{name ?? signIn.nameless}</span>
      {signOut !== undefined && (
        <button type="button" className="link" onClick={() => void signOut()}>
          {page.signOut}
        </button>
      )}
    </div>
  );
}

function usePageShortcuts(
  navigation: Navigation,
  openList: () => void,
  openDialog: (name: DialogName) => void,
): void {
  useShortcuts(SHORTCUTS.page, {
    newChat: () => navigation.goToNewChat(),
    search: () => {
      openList();
      const focusSearch = () => document.getElementById('search')?.focus();
      // At once, so that no letter typed next goes elsewhere; and where the list was hidden, when it is drawn.
      focusSearch();
      requestAnimationFrame(focusSearch);
    },
    settings: () => openDialog('settings'),
    shortcuts: () => openDialog('shortcuts'),
  });
}
