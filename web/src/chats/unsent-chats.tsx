import type { ChatSummary } from 'questlog/client';
import { pathOfChat } from '../navigation.ts';
import { useObservable } from '../observable.ts';
import type { Outgoing } from '../outbox/outgoing.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import { useWorkspace } from '../workspace.ts';
import { titleOf } from './chat-row.tsx';

type UnsentChat = Pick<ChatSummary, 'chat_id' | 'title'>;

/** Chats that are not listed and have a message that could not be sent: a first one leads nowhere else. */
export function useUnsentChats(listed: readonly ChatSummary[]): UnsentChat[] {
  const messages = useObservable(useWorkspace().outbox.messages);
  const known = new Set(listed.map(({ chat_id }) => chat_id));
  const unsent = new Map<string, UnsentChat>();
  for (const message of messages) {
    const { chatId, held } = message;
    if (held === undefined || known.has(chatId) || unsent.has(chatId)) continue;
    unsent.set(chatId, { chat_id: chatId, title: beginningOf(message) });
  }
  return [...unsent.values()];
}

function beginningOf({ text, pasted, files }: Outgoing): string | null {
  const words = [text, ...pasted].find((part) => part.trim() !== '') ?? files[0]?.name;
  return words === undefined ? null : words.trim().slice(0, 80);
}

interface UnsentChatsProps {
  readonly chats: readonly UnsentChat[];
  readonly currentId: string | undefined;
  readonly stop: string | undefined;
}

export function UnsentChats({ chats, currentId, stop }: UnsentChatsProps) {
  const { navigation } = useWorkspace();
  const texts = useTexts();
  if (chats.length === 0) return null;
  return (
    <section aria-label={texts.chats.unsent}>
      <h2>{texts.chats.unsent}</h2>
      <ul>
        {chats.map((chat) => (
          <li
            key={chat.chat_id}
            className="chat-row"
            data-chat-id={chat.chat_id}
            data-current={chat.chat_id === currentId}
          >
            <a
              dir="auto"
              href={pathOfChat(chat.chat_id)}
              tabIndex={chat.chat_id === stop ? 0 : -1}
              aria-current={chat.chat_id === currentId ? 'page' : undefined}
              onClick={(event) => navigation.follow(event)}
            >
              {titleOf(chat, texts)}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
