import { atomically, type Queryable, query } from '../../driver/driver.ts';
import { assertId, newId } from '../../ids.ts';
import { type Callable, storeItems, textFor } from '../callable.ts';
import { type EncodedItems, NO_ITEMS, toJsonTexts } from '../items/encoded-items.ts';
import { CHAT_COLUMNS, CHAT_TYPES, type Chat, updateChat } from './chats.ts';
import { assertNewChat, type NewChat, toEncoded } from './new-chat.ts';
import { toMetadataText } from './organisation.ts';

/** $1 chat_id, $2 user_id, $3 title, $4 count of items, $5 items, $6 pinned, $7 archived, $8 tags, $9 metadata. */
export const CREATE_CHAT: Callable = {
  name: 'create_chat',
  takes: ['text', 'text', 'text', 'bigint', 'json', 'boolean', 'boolean', 'text[]', 'json'],
  user: 2,
  gives: CHAT_TYPES,
  text: `with chat as (
      insert into chats (chat_id, user_id, title, next_position, is_pinned, is_archived, tags, metadata)
      values ($1, $2, $3, $4, $6, $7, $8, $9) returning *
    ), items as (
      insert into chat_items (chat_id, position, user_id, item)
      select chat.chat_id, e.place - 1, chat.user_id, e.value::json
      from chat, json_array_elements_text($5::json) with ordinality as e(value, place)
    )
    select ${CHAT_COLUMNS} from chat`,
  body: `
    declare
      entry record;
    begin
      insert into chats (chat_id, user_id, title, next_position, is_pinned, is_archived, tags, metadata)
      values ($1, $2, $3, $4, $6, $7, $8, $9);
      ${storeItems({ chat: '$1', user: '$2', items: '$5', from: '0' })}
      return query select ${CHAT_COLUMNS} from chats where chat_id = $1 and user_id = $2;
    end`,
};

/** Creates a chat for a user, with its first items if there are any: in several statements where they are long. */
export async function createChat(db: Queryable, userId: string, chat: NewChat = {}): Promise<Chat> {
  assertId('user_id', userId);
  assertNewChat('chat', chat);
  const items = toEncoded(chat.conversation);
  if (!items.isLarge) return insertChat(db, userId, chat, items);
  const create = async (tx: Queryable) => {
    const { chatId } = await insertChat(tx, userId, chat, NO_ITEMS);
    return (await updateChat(tx, chatId, userId, { conversation: items })) as Chat;
  };
  return atomically(db, userId, create, true);
}

async function insertChat(
  db: Queryable,
  userId: string,
  { title, isPinned, isArchived, tags, metadata }: NewChat,
  items: EncodedItems,
): Promise<Chat> {
  const rows = await query<Chat>(db, {
    userId,
    name: CREATE_CHAT.name,
    text: textFor(db, CREATE_CHAT),
    values: [
      newId(),
      userId,
      title ?? null,
      items.texts.length,
      toJsonTexts(items),
      isPinned ?? false,
      isArchived ?? false,
      tags ?? [],
      metadata === undefined ? null : toMetadataText(metadata),
    ],
  });
  db.changes?.notify({ userId });
  return rows[0] as Chat;
}

/** Makes an empty chat with this id, unless there is one, whosever it is. */
export async function createChatIfMissing(db: Queryable, chatId: string, userId: string): Promise<void> {
  await query(db, {
    userId,
    text: 'insert into chats (chat_id, user_id) values ($1, $2) on conflict do nothing',
    values: [chatId, userId],
  });
}

/** Creates an empty chat and returns its id, for a session. */
export async function createNewChatForUser(
  db: Queryable,
  userId: string,
  title?: string | null,
): Promise<string> {
  return (await createChat(db, userId, { title })).chatId;
}
