import type { ChatSummary } from 'questlog/client';

/** What of a list is known to be pinned. */
interface Listed {
  readonly chats: readonly ChatSummary[];
  readonly pinned: readonly ChatSummary[];
}

/** The pinned chats of a list, newest activity first: those that are listed, and those that were asked for. */
export function pinnedOf({ chats, pinned }: Listed): ChatSummary[] {
  return withoutTwins([...chats, ...pinned])
    .filter((chat) => chat.is_pinned)
    .sort((one, other) => (one.updated_at < other.updated_at ? 1 : -1));
}

/** A chat as all pinned ones say that it is. */
export function pinnedIfIn(pinned: readonly ChatSummary[], chat: ChatSummary): ChatSummary {
  const isPinned = pinned.some(({ chat_id }) => chat_id === chat.chat_id);
  return isPinned === chat.is_pinned ? chat : { ...chat, is_pinned: isPinned };
}

/** Each chat once, as it stands first. */
export function withoutTwins(chats: readonly ChatSummary[]): ChatSummary[] {
  return [...new Map(chats.toReversed().map((chat) => [chat.chat_id, chat])).values()].reverse();
}
