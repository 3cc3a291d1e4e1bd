import type { ChatSummary } from 'questlog/client';
import { type ReactNode, useState } from 'react';
import { pathOfChat } from '../../navigation.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useWorkspace } from '../../workspace.ts';
import { titleOf } from '../chat-row.tsx';
import { Shelf } from './shelf.tsx';

/** The deleted chats: take one back, or remove it for good. */
export function DeletedView({ children }: { readonly children: ReactNode }) {
  const { chats, deleted, toasts, navigation } = useWorkspace();
  const texts = useTexts();
  const words = texts.deletedChats;
  const [removing, setRemoving] = useState<ChatSummary>();
  const restore = async ({ chat_id: chatId }: ChatSummary) => {
    await deleted.restore(chatId).catch(() => toasts.show(texts.chats.notRestored));
    await chats.refresh([{ chatId }]);
    navigation.goTo(pathOfChat(chatId));
  };
  return (
    <>
      <Shelf
        store={deleted}
        words={words}
        icon="trash"
        menu={children}
        actionsOf={(chat, title) => (
          <>
            <button type="button" className="button" onClick={() => void restore(chat)}>
              <Icon name="restore" /> {words.restore}
              <span className="hidden"> {title}</span>
            </button>
            <button type="button" className="button danger" onClick={() => setRemoving(chat)}>
              {words.remove}
              <span className="hidden"> {title}</span>
            </button>
          </>
        )}
      />
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
    </>
  );
}
