import { pathOfChat } from '../../../navigation.ts';
import { useTexts } from '../../../texts/texts-provider.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { useWorkspace } from '../../../workspace.ts';
import { focusMessageBox } from '../../composer/message-box.tsx';
import { useThread } from '../../thread-context.ts';

/** Goes on in a new chat that has what was said up to a position; this one stays as it is. */
export function ForkButton({ position }: { readonly position: number }) {
  const { client, chats, navigation, toasts } = useWorkspace();
  const { chatId } = useThread();
  const { message: texts } = useTexts();
  const fork = async () => {
    const { chat_id } = await client.forkChat(chatId, { position });
    void chats.refresh([{ chatId: chat_id }]);
    navigation.goTo(pathOfChat(chat_id));
    requestAnimationFrame(focusMessageBox);
  };
  return (
    <IconButton
      icon="fork"
      label={texts.fork}
      onClick={() => void fork().catch(() => toasts.show(texts.notForked))}
    />
  );
}
