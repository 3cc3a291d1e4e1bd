import { pathOfChat } from '../navigation.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import { useWorkspace } from '../workspace.ts';
import { focusRow } from './roving-focus.ts';

/** What a person does to a chat of the list. A change without effect is said in a toast; a deletion can be taken back. */
export function useChatChanges(chatId: string, isCurrent: boolean) {
  const { chats, seen, toasts, navigation } = useWorkspace();
  const texts = useTexts();
  return {
    rename(title: string): void {
      seen.rename(chatId);
      chats.rename(chatId, title).catch(() => toasts.show(texts.chats.notRenamed));
    },
    pin(isPinned: boolean): void {
      chats.organise(chatId, { is_pinned: isPinned }).catch(() => toasts.show(texts.chats.notPinned));
      // It has another place now, and the focus goes along.
      requestAnimationFrame(() => focusRow(chatId));
    },
    archive(title: string): void {
      if (isCurrent) navigation.goToNewChat();
      const undo = async () => {
        await chats.organise(chatId, { is_archived: false });
        if (isCurrent) navigation.goTo(pathOfChat(chatId));
      };
      const undoOrSay = () => void undo().catch(() => toasts.show(texts.archivedChats.notRestored));
      chats.organise(chatId, { is_archived: true }).then(
        () => toasts.show(texts.archivedChats.archived(title), { label: texts.common.undo, run: undoOrSay }),
        () => toasts.show(texts.archivedChats.notArchived),
      );
    },
    remove(title: string): void {
      if (isCurrent) navigation.goToNewChat();
      const undo = async () => {
        seen.rename(chatId);
        await chats.restore(chatId);
        if (isCurrent) navigation.goTo(pathOfChat(chatId));
      };
      chats.delete(chatId).then(
        () => toasts.show(texts.chats.deleted(title), { label: texts.common.undo, run: () => void undo() }),
        () => toasts.show(texts.chats.notDeleted),
      );
    },
  };
}
