import type { Workspace } from '../../workspace.ts';

/** What a person can change of a chat beside its title. */
export interface Details {
  readonly tags: readonly string[];
  /** Null: it stays. */
  readonly expiresAt: string | null;
}

/**
 * Changes what is not as it was. Tags that another tab has added or removed meanwhile stay so.
 *
 * @returns takes it back; undefined: nothing has changed.
 */
export async function changeChat(
  workspace: Workspace,
  chatId: string,
  before: Details,
  after: Details,
): Promise<(() => Promise<unknown>) | undefined> {
  const { chats, client, tabs } = workspace;
  const added = after.tags.filter((tag) => !before.tags.includes(tag));
  const removed = before.tags.filter((tag) => !after.tags.includes(tag));
  const isTagged = added.length + removed.length > 0;
  if (isTagged) {
    const now = chats.state.get().chats.find(({ chat_id }) => chat_id === chatId)?.tags ?? before.tags;
    const tags = new Set([...now.filter((tag) => !removed.includes(tag)), ...added]);
    await chats.organise(chatId, { tags: [...tags] });
  }
  const isTimed = before.expiresAt !== after.expiresAt;
  if (isTimed) {
    const { expiresAt } = after;
    await client.setChatExpiry(chatId, expiresAt === null ? null : new Date(expiresAt));
    tabs.announce({ chatId });
    await chats.refresh([{ chatId }]);
  }
  return isTagged || isTimed ? () => changeChat(workspace, chatId, after, before) : undefined;
}
