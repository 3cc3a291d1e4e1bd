import type { NewChat } from '../../../store/chats/new-chat.ts';
import type { EncodedItems } from '../../../store/items/encoded-items.ts';
import { encodeInTurns } from '../../../store/items/item-json.ts';
import type { Turns } from '../../../turns.ts';
import type { ChatBase } from '../../../wire/chats.ts';

/** A chat as it was sent, its items ready to write. */
export type CheckedChat = Omit<NewChat, 'conversation'> & {
  readonly conversation?: EncodedItems | null | undefined;
};

export type ReadBody = (userId: string, body: ChatBase) => Promise<CheckedChat>;

/** Makes what reads the bodies of chats. */
export function readChatBody(turns: Turns, maxItemBytes: number | undefined): ReadBody {
  return async (userId, { title, conversation, tags, metadata, ...flags }) => {
    const { is_pinned: isPinned, is_archived: isArchived } = flags;
    const chat = { title, tags, metadata, isPinned, isArchived };
    if (!conversation) return { ...chat, conversation };
    const options = { field: 'conversation', maxItemBytes, stored: true };
    return { ...chat, conversation: await encodeInTurns(turns, userId, conversation, options) };
  };
}
