import type { ChatSummary } from 'questlog/client';
import { useEffect, useState } from 'react';
import { titleOf } from '../../chats/chat-row.tsx';
import { pathOfChat } from '../../navigation.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useWorkspace } from '../../workspace.ts';

/** Leads to the chat that this one was continued from, if that is still there. */
export function OriginLink({ chatId }: { readonly chatId: string }) {
  const { client, navigation } = useWorkspace();
  const texts = useTexts();
  const [origin, setOrigin] = useState<Pick<ChatSummary, 'title'>>();
  useEffect(() => {
    const left = new AbortController();
    client.listItems(chatId, { limit: 1, signal: left.signal }).then(setOrigin, () => undefined);
    return () => left.abort();
  }, [client, chatId]);
  if (origin === undefined) return null;
  const words = texts.thread.forkedFrom(titleOf(origin, texts));
  return (
    <a
      className="origin"
      dir="auto"
      href={pathOfChat(chatId)}
      title={words}
      onClick={(event) => navigation.follow(event)}
    >
      <Icon name="fork" /> <span>{words}</span>
    </a>
  );
}
