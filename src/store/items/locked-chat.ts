import { type Queryable, query } from '../../driver/driver.ts';

/** A chat whose row this transaction has locked: every other writer of the chat waits until it ends. */
export interface LockedChat {
  readonly chatId: string;
  readonly userId: string;
  readonly isActive: boolean;
  readonly version: string;
  readonly nextPosition: number;
  /** The run that it is busy with. */
  readonly activeRun: string | null;
}

/** A chat's version, for a select or a returning: the moment of its last change, in microseconds since 1970. */
export const VERSION = `(extract(epoch from greatest(updated_at, organised_at) - to_timestamp(0)) * 1000000)::bigint::text`;

/**
 * The first statement of every change that is more than an append. A change written as one statement would read the
 * items as they were before it had to wait for the lock, and break the chat.
 */
export async function lockChat(
  tx: Queryable,
  chatId: string,
  userId: string,
): Promise<LockedChat | undefined> {
  const rows = await query<LockedChat>(tx, {
    userId,
    name: 'lock_chat',
    text: `select chat_id as "chatId", user_id as "userId", is_active as "isActive",
        next_position::float8 as "nextPosition", active_run as "activeRun",
        ${VERSION} as version
      from chats where chat_id = $1 and user_id = $2 for update`,
    values: [chatId, userId],
  });
  return rows[0];
}

/** Says that `count` positions from the locked chat's next one are taken, and that the chat has changed. */
export async function moveNextPosition(tx: Queryable, chat: LockedChat, count: number): Promise<void> {
  await query(tx, {
    userId: chat.userId,
    name: 'move_next_position',
    text: 'update chats set next_position = next_position + $3 where chat_id = $1 and user_id = $2',
    values: [chat.chatId, chat.userId, count],
  });
  tx.changes?.notify({ userId: chat.userId });
}
