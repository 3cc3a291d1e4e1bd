import type { AgentInputItem } from '@openai/agents-core';
import { atomically, type Queryable, query } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import { assertId } from '../../ids.ts';
import { checkOptions, isAnything } from '../../options.ts';
import { deleteItems, insertItems } from '../items/chat-items.ts';
import { type LockedChat, lockChat } from '../items/locked-chat.ts';
import { forgetPoints } from '../items/points.ts';
import { getItems } from '../items/read-items.ts';
import { assertNewChat, type ChatChanges, toEncoded } from './new-chat.ts';

/** A row of `chats`. */
export interface Chat {
  /** Its only name. */
  readonly chatId: string;
  /** Its owner. */
  readonly userId: string;
  /** Null until it is given one, or a run takes it from the first message. */
  readonly title: string | null;
  /** False after a soft delete. */
  readonly isActive: boolean;
  /** By the clock of the database. */
  readonly createdAt: Date;
  /** Of its last change, or that of an item. */
  readonly updatedAt: Date;
  /** Grows with every change of the chat or its items: `updated_at` in microseconds since 1970. */
  readonly version: string;
}

/** A chat with its history, oldest item first. */
export interface ChatWithConversation extends Chat {
  /** Its items, as they were stored. */
  readonly conversation: AgentInputItem[];
}

/** The columns of a `Chat`, for a select or a returning. */
export const CHAT_COLUMNS = `chat_id as "chatId", user_id as "userId", title, is_active as "isActive",
  created_at as "createdAt", updated_at as "updatedAt",
  (extract(epoch from updated_at - to_timestamp(0)) * 1000000)::bigint::text as version`;

/** The chat's row, if this user has it. Soft-deleted chats only with `activeOnly: false`. */
export async function getChat(
  db: Queryable,
  chatId: string,
  userId: string,
  options: { readonly activeOnly?: boolean } = {},
): Promise<Chat | undefined> {
  assertId('chat_id', chatId);
  assertId('user_id', userId);
  checkOptions(options, { activeOnly: isAnything });
  const { activeOnly = true } = options;
  const rows = await query<Chat>(db, {
    userId,
    name: 'get_chat',
    text: `select ${CHAT_COLUMNS} from chats where chat_id = $1 and user_id = $2 and (is_active or not $3)`,
    values: [chatId, userId, activeOnly],
  });
  return rows[0];
}

/** Whose a chat is, whichever user asks: undefined when there is no such chat. */
export async function findOwner(db: Queryable, chatId: string): Promise<string | undefined> {
  const rows = await query<{ userId: string }>(db, {
    userId: null,
    name: 'find_owner',
    text: 'select user_id as "userId" from chats where chat_id = $1',
    values: [chatId],
  });
  return rows[0]?.userId;
}

/** The chat with its conversation, if this user has it. Soft-deleted chats only with `activeOnly: false`. */
export async function getChatById(
  db: Queryable,
  chatId: string,
  userId: string,
  options: { readonly activeOnly?: boolean } = {},
): Promise<ChatWithConversation | undefined> {
  const chat = await getChat(db, chatId, userId, options);
  if (chat === undefined) return undefined;
  const conversation = await getItems(db, chatId, userId);
  // None: it may have been removed since its row was read.
  if (conversation.length === 0 && (await getChat(db, chatId, userId, options)) === undefined)
    return undefined;
  return { ...chat, conversation };
}

/** On what condition a chat is changed. */
export interface UpdateOptions {
  /** Change the chat only while it is at this `version`. */
  readonly ifVersion?: string | undefined;
  /** Called before the conversation is replaced, while the chat is locked: throw to refuse. */
  readonly mayReplace?: (tx: Queryable) => Promise<void>;
}

/**
 * Changes a chat's title or conversation, or both at once.
 *
 * @returns the changed chat, or undefined when this user has no such active chat.
 * @throws QuestlogError `precondition_failed` when the chat has another version.
 */
export async function updateChat(
  db: Queryable,
  chatId: string,
  userId: string,
  changes: ChatChanges,
  options: UpdateOptions = {},
): Promise<Chat | undefined> {
  assertId('chat_id', chatId);
  assertId('user_id', userId);
  assertNewChat('changes', changes);
  checkOptions(options, { ifVersion: isAnything, mayReplace: isAnything });
  const { ifVersion, mayReplace } = options;
  const items = changes.conversation === undefined ? undefined : toEncoded(changes.conversation);
  const update = async (tx: Queryable) => {
    const locked = await lockChat(tx, chatId, userId);
    if (!locked?.isActive) return undefined;
    if (ifVersion !== undefined && ifVersion !== locked.version) {
      throw new QuestlogError('precondition_failed', 'the chat has changed since it was read');
    }
    if (items === undefined && changes.title === undefined) return getChat(tx, chatId, userId);
    if (items !== undefined) {
      await mayReplace?.(tx);
      await deleteItems(tx, locked);
      await forgetPoints(tx, locked);
      await insertItems(tx, locked, items);
    }
    return changeChat(tx, locked, { title: changes.title, taken: items?.texts.length ?? 0 });
  };
  return atomically(db, userId, update, items?.isLarge);
}

/** Hides a chat. Its history stays until `hardDeleteChat`. False when this user has no such active chat. */
export async function deleteChat(db: Queryable, chatId: string, userId: string): Promise<boolean> {
  return (await setActive(db, chatId, userId, false)) !== undefined;
}

/** Takes a soft delete back. Undefined when this user has no such chat; an active one is returned as it is. */
export async function restoreChat(db: Queryable, chatId: string, userId: string): Promise<Chat | undefined> {
  const restored = await setActive(db, chatId, userId, true);
  return restored ?? getChat(db, chatId, userId);
}

/** Removes a chat, its history and all that belongs to it, for good. False when this user has no such chat. */
export async function hardDeleteChat(db: Queryable, chatId: string, userId: string): Promise<boolean> {
  assertId('chat_id', chatId);
  assertId('user_id', userId);
  const rows = await query(db, {
    userId,
    text: 'delete from chats where chat_id = $1 and user_id = $2 returning chat_id',
    values: [chatId, userId],
  });
  db.changes?.notify({ userId });
  return rows.length === 1;
}

/** Sets the title, unless it is undefined, and says that so many positions are taken. */
async function changeChat(
  tx: Queryable,
  { chatId, userId }: LockedChat,
  { title, taken }: { readonly title: string | null | undefined; readonly taken: number },
): Promise<Chat | undefined> {
  const rows = await query<Chat>(tx, {
    userId,
    name: 'change_chat',
    text: `update chats set next_position = next_position + $3, title = case when $4 then $5 else title end
      where chat_id = $1 and user_id = $2 returning ${CHAT_COLUMNS}`,
    values: [chatId, userId, taken, title !== undefined, title ?? null],
  });
  tx.changes?.notify({ userId });
  return rows[0];
}

async function setActive(
  db: Queryable,
  chatId: string,
  userId: string,
  active: boolean,
): Promise<Chat | undefined> {
  assertId('chat_id', chatId);
  assertId('user_id', userId);
  const rows = await query<Chat>(db, {
    userId,
    text: `update chats set is_active = $3
      where chat_id = $1 and user_id = $2 and is_active <> $3
        and (not $3 or expires_at is null or expires_at > statement_timestamp()) returning ${CHAT_COLUMNS}`,
    values: [chatId, userId, active],
  });
  if (rows.length > 0) db.changes?.notify({ userId });
  return rows[0];
}
