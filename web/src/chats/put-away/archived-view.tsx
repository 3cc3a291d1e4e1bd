import type { ReactNode } from 'react';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useWorkspace } from '../../workspace.ts';
import { Shelf } from './shelf.tsx';

/** The archived chats: open one, or put it back into the list. */
export function ArchivedView({ children }: { readonly children: ReactNode }) {
  const { chats, archived, toasts } = useWorkspace();
  const { archivedChats: words, common } = useTexts();
  const organise = async (chatId: string, is_archived: boolean, done?: () => void) => {
    const said = is_archived ? words.notArchived : words.notRestored;
    await archived.organise(chatId, { is_archived }).then(done, () => toasts.show(said));
    await chats.refresh([{ chatId }]);
  };
  const restore = (chatId: string, title: string) => {
    const undo = { label: common.undo, run: () => void organise(chatId, true) };
    void organise(chatId, false, () => toasts.show(words.restored(title), undo));
  };
  return (
    <Shelf
      store={archived}
      words={words}
      icon="archive"
      menu={children}
      actionsOf={({ chat_id }, title) => (
        <button type="button" className="button" onClick={() => restore(chat_id, title)}>
          <Icon name="restore" /> {words.restore}
          <span className="hidden"> {title}</span>
        </button>
      )}
    />
  );
}
