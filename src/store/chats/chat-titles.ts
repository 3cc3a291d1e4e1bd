import { type Queryable, query } from '../../driver/driver.ts';

/** A title that a run has taken from its input, and the run. */
export interface TakenTitle {
  readonly title: string;
  readonly runId: string;
}

/** The title of an active chat, where a run has taken it from its input and nobody has given it another one since. */
export async function getTakenTitle(
  db: Queryable,
  chatId: string,
  userId: string,
): Promise<TakenTitle | undefined> {
  const rows = await query<TakenTitle>(db, {
    userId,
    text: `select title, titled_by as "runId" from chats
      where chat_id = $1 and user_id = $2 and is_active and title is not null and titled_by is not null`,
    values: [chatId, userId],
  });
  return rows[0];
}

/** Gives a chat another title while it has the one that was taken. @returns false when it has not. */
export async function replaceTakenTitle(
  db: Queryable,
  chatId: string,
  userId: string,
  taken: TakenTitle,
  title: string,
): Promise<boolean> {
  const rows = await query(db, {
    userId,
    text: `update chats set title = $5, titled_by = null
      where chat_id = $1 and user_id = $2 and titled_by = $3 and title = $4 and is_active returning chat_id`,
    values: [chatId, userId, taken.runId, taken.title, title],
  });
  if (rows.length === 1) db.changes?.notify({ userId });
  return rows.length === 1;
}
