import { type Queryable, query } from '../../driver/driver.ts';
import { invalidField } from '../../errors.ts';
import { assertId, newId } from '../../ids.ts';
import { type Checks, checkOptions, isAnything } from '../../options.ts';
import { type Callable, textFor } from '../callable.ts';
import { CHAT_COLUMNS, CHAT_TYPES, type Chat, getChat } from './chats.ts';
import { assertTitle } from './new-chat.ts';

/** What a fork gets. */
export interface ForkOptions {
  /** The last item that goes along. Default: the last one that there is. */
  readonly position?: number | undefined;
  /** Default: that of the chat. */
  readonly title?: string | null | undefined;
}

const OPTIONS: Checks<ForkOptions> = {
  position: (value) =>
    value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0)
      ? undefined
      : 'must be a whole number from 0',
  title: isAnything,
};

/**
 * $1 chat_id, $2 user_id, $3 the chat to fork, $4 the last position (null: all of it), $5 whether there is a title, $6 it.
 *
 * Item texts stay in the database, at their positions. What was said, when, what was refused and what the person thinks of it
 * goes along; a run is of one chat, and stays.
 */
export const FORK_CHAT: Callable = {
  name: 'fork_chat',
  takes: ['text', 'text', 'text', 'bigint', 'boolean', 'text'],
  user: 2,
  gives: CHAT_TYPES,
  text: `with source as (
      select c.*, (
        select i.position from chat_items i
        where i.user_id = $2 and i.chat_id = $3 and ($4::bigint is null or i.position = $4)
        order by i.position desc limit 1) as up_to
      from chats c where c.chat_id = $3 and c.user_id = $2 and c.is_active
    ), chat as (
      insert into chats (chat_id, user_id, title, titled_by, next_position, tags, metadata, forked_from)
      select $1, user_id, case when $5 then $6 else title end, case when $5 then null else titled_by end,
        coalesce(up_to + 1, 0), tags, metadata, json_build_object('chatId', chat_id, 'position', up_to)
      from source where $4 is null or up_to is not null returning *
    ), items as (
      insert into chat_items (chat_id, position, user_id, item, created_at, is_blocked, feedback)
      select chat.chat_id, i.position, chat.user_id, i.item, i.created_at, i.is_blocked, i.feedback
      from chat cross join source join chat_items i on i.user_id = $2 and i.chat_id = $3 and i.position <= source.up_to
    )
    select ${CHAT_COLUMNS} from chat`,
  body: `
    declare
      up_to bigint;
      origin json;
    begin
      -- Each statement sees what is there then: nobody may change the chat between two of them.
      perform from chats where chat_id = $3 and user_id = $2 and is_active for update;
      if not found then return; end if;
      select i.position into up_to from chat_items i
      where i.user_id = $2 and i.chat_id = $3 and ($4 is null or i.position = $4) order by i.position desc limit 1;
      if $4 is not null and up_to is null then return; end if;
      origin := json_build_object('chatId', $3, 'position', up_to);
      insert into chats (chat_id, user_id, title, titled_by, next_position, tags, metadata, forked_from)
      select $1, user_id, case when $5 then $6 else title end, case when $5 then null else titled_by end,
        coalesce(up_to + 1, 0), tags, metadata, origin
      from chats where chat_id = $3 and user_id = $2;
      insert into chat_items (chat_id, position, user_id, item, created_at, is_blocked, feedback)
      select $1, i.position, i.user_id, i.item, i.created_at, i.is_blocked, i.feedback
      from chat_items i where i.user_id = $2 and i.chat_id = $3 and i.position <= up_to;
      return query select ${CHAT_COLUMNS} from chats where chat_id = $1 and user_id = $2;
    end`,
};

/**
 * Makes a new chat of the history of another one, up to an item: one statement, whatever the length. A run that is active there
 * does not matter: what it has stored is copied. Alternatives and the archive stay where they are.
 *
 * @returns undefined when this user has no such active chat.
 * @throws QuestlogError `invalid_request` naming `position` when the history has no item there.
 */
export async function forkChat(
  db: Queryable,
  chatId: string,
  userId: string,
  options: ForkOptions = {},
): Promise<Chat | undefined> {
  assertId('chat_id', chatId);
  assertId('user_id', userId);
  checkOptions(options, OPTIONS);
  const { position, title } = options;
  assertTitle(title);
  const [chat] = await query<Chat>(db, {
    userId,
    name: FORK_CHAT.name,
    text: textFor(db, FORK_CHAT),
    values: [newId(), userId, chatId, position ?? null, title !== undefined, title ?? null],
  });
  if (chat !== undefined) db.changes?.notify({ userId });
  else if (position !== undefined && (await getChat(db, chatId, userId)) !== undefined)
    throw invalidField('position', 'is that of no item of the history');
  return chat;
}
