import type { ChatSummary } from 'questlog/client';
import { memo, useState } from 'react';
import { pathOfChat } from '../navigation.ts';
import { useSettings } from '../settings/settings-context.ts';
import { SHORTCUTS, shortcutOf, usable } from '../shortcuts/shortcuts.ts';
import type { Texts } from '../texts/en.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { useWorkspace } from '../workspace.ts';
import { useChatChanges } from './use-chat-changes.ts';

interface ChatRowProps {
  readonly chat: ChatSummary;
  readonly isCurrent: boolean;
  /** Tab leads here. */
  readonly isStop: boolean;
  /** Something was said in it that the person has not seen. */
  readonly isNews: boolean;
}

export function titleOf({ title }: Pick<ChatSummary, 'title'>, { chats }: Texts): string {
  return title?.trim() || chats.untitled;
}

/** Drawn again only when its chat has changed: there may be thousands. */
export const ChatRow = memo(function ChatRow({ chat, isCurrent, isStop, isNews }: ChatRowProps) {
  const { navigation } = useWorkspace();
  const texts = useTexts();
  const { rename, pin, archive, remove } = useChatChanges(chat.chat_id, isCurrent);
  const title = titleOf(chat, texts);
  const { chosen } = useSettings();
  const [isEditing, setEditing] = useState(false);
  const does = {
    rename: () => setEditing(true),
    pin: () => pin(!chat.is_pinned),
    archive: () => archive(title),
    delete: () => remove(title),
  };
  const end = (written?: string) => {
    setEditing(false);
    if (written !== undefined && written !== chat.title) rename(written);
  };
  if (isEditing) {
    return (
      <li className="chat-row" data-chat-id={chat.chat_id}>
        <TitleInput title={title} onEnd={end} />
      </li>
    );
  }
  return (
    <li className="chat-row" data-current={isCurrent} data-unread={isNews} data-chat-id={chat.chat_id}>
      <a
        dir="auto"
        aria-label={isNews ? texts.chats.unread(title) : undefined}
        tabIndex={isStop ? 0 : -1}
        href={pathOfChat(chat.chat_id)}
        aria-current={isCurrent ? 'page' : undefined}
        title={title}
        onDoubleClick={does.rename}
        onKeyDown={({ nativeEvent }) => {
          const pressed = shortcutOf(SHORTCUTS.row, nativeEvent);
          if (pressed === undefined || usable(SHORTCUTS.row[pressed], chosen.get()).length === 0) return;
          does[pressed]();
        }}
        onClick={(event) => navigation.follow(event)}
      >
        {title}
      </a>
      <IconButton
        icon={chat.is_pinned ? 'unpin' : 'pin'}
        tabIndex={-1}
        label={(chat.is_pinned ? texts.chats.unpin : texts.chats.pin)(title)}
        onClick={does.pin}
      />
      <IconButton icon="edit" tabIndex={-1} label={texts.chats.rename(title)} onClick={does.rename} />
      <IconButton icon="archive" tabIndex={-1} label={texts.chats.archive(title)} onClick={does.archive} />
      <IconButton icon="trash" tabIndex={-1} label={texts.chats.delete(title)} onClick={does.delete} />
    </li>
  );
});

/** Enter and leaving keep the new title, Escape the old one. */
function TitleInput({ title, onEnd }: { readonly title: string; readonly onEnd: (title?: string) => void }) {
  const { chats } = useTexts();
  const [text, setText] = useState(title);
  return (
    <input
      ref={(input) => input?.focus()}
      aria-label={chats.title}
      dir="auto"
      value={text}
      maxLength={500}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => onEnd(text.trim() || undefined)}
      onKeyDown={({ nativeEvent }) => {
        const pressed = shortcutOf(SHORTCUTS.editing, nativeEvent);
        if (pressed === undefined) return;
        // Firefox would follow the link that has the focus next.
        nativeEvent.preventDefault();
        onEnd(pressed === 'keep' ? text.trim() || undefined : undefined);
      }}
    />
  );
}
