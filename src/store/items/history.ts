import { type Queryable, query } from '../../driver/driver.ts';
import type { LockedChat } from './locked-chat.ts';

/** Moves the items of a locked chat at positions `from` to `to` into `archived_items`: all of them by default. */
export async function archiveItems(
  tx: Queryable,
  chat: LockedChat,
  { from = 0, to = Number.MAX_SAFE_INTEGER }: { readonly from?: number; readonly to?: number } = {},
): Promise<void> {
  await query(tx, {
    userId: chat.userId,
    text: `with moved as (
        delete from chat_items where chat_id = $1 and user_id = $2 and position between $3 and $4
        returning chat_id, position, user_id, item, run_id, created_at, is_blocked, feedback
      )
      insert into archived_items (chat_id, position, user_id, item, run_id, created_at, is_blocked, feedback)
      select * from moved`,
    values: [chat.chatId, chat.userId, from, to],
  });
}

/** Moves the items of a locked chat from position `from` on by `distance`, to positions that nothing has had. */
export async function moveItems(
  tx: Queryable,
  chat: LockedChat,
  { from, distance }: { readonly from: number; readonly distance: number },
): Promise<void> {
  await query(tx, {
    userId: chat.userId,
    text: 'update chat_items set position = position + $4 where chat_id = $1 and user_id = $2 and position >= $3',
    values: [chat.chatId, chat.userId, from, distance],
  });
}

/** Removes what a locked chat has in the archive. */
export async function deleteArchive(tx: Queryable, chat: LockedChat): Promise<void> {
  await query(tx, {
    userId: chat.userId,
    text: 'delete from archived_items where chat_id = $1 and user_id = $2',
    values: [chat.chatId, chat.userId],
  });
}

/** The fingerprint under which a locked chat has seen this operation, if it has. */
export async function findOperation(
  tx: Queryable,
  chat: LockedChat,
  operationId: string,
): Promise<string | undefined> {
  const rows = await query<{ fingerprint: string }>(tx, {
    userId: chat.userId,
    text: `select fingerprint from history_operations
      where chat_id = $1 and user_id = $2 and operation_id = $3`,
    values: [chat.chatId, chat.userId, operationId],
  });
  return rows[0]?.fingerprint;
}

/** Remembers that a locked chat has seen this operation. */
export async function recordOperation(
  tx: Queryable,
  chat: LockedChat,
  operationId: string,
  fingerprint: string,
): Promise<void> {
  await query(tx, {
    userId: chat.userId,
    text: `insert into history_operations (chat_id, user_id, operation_id, fingerprint) values ($1, $2, $3, $4)`,
    values: [chat.chatId, chat.userId, operationId, fingerprint],
  });
}

/** Forgets the operations of a locked chat. */
export async function forgetOperations(tx: Queryable, chat: LockedChat): Promise<void> {
  await query(tx, {
    userId: chat.userId,
    text: 'delete from history_operations where chat_id = $1 and user_id = $2',
    values: [chat.chatId, chat.userId],
  });
}
