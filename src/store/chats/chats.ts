import type { AgentInputItem } from '@openai/agents-core';
import { atomically, type Queryable, query } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import { assertId } from '../../ids.ts';
import { checkOptions, isAnything } from '../../options.ts';
import { deleteItems, insertItems } from '../items/chat-items.ts';
import { type LockedChat, lockChat, VERSION } from '../items/locked-chat.ts';
import { forgetPoints } from '../items/points.ts';
import { getItems } from '../items/read-items.ts';
import { assertNewChat, type ChatChanges, toEncoded } from './new-chat.ts';
import { isOrganised, type Metadata, toMetadataText } from './organisation.ts';

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
  /** Of its last activity: a change of an item, of the title or of `isActive`. */
  readonly updatedAt: Date;
  /** The same in microseconds since 1970: its place in a list. */
  readonly activity: string;
  /** Grows with every change of the chat or its items: when that was, in microseconds since 1970. */
  readonly version: string;
  /** Whether its user wants it at hand. */
  readonly isPinned: boolean;
  /** Whether its user has put it away: such chats are in lists only when they are asked for. */
  readonly isArchived: boolean;
  /** Words of its user's, in their order. */
  readonly tags: readonly string[];
  /** What an app keeps about it. */
  readonly metadata: Metadata;
  /** The chat that it is a fork of, and the last position that was copied (null: there was none). Null: it is none. */
  readonly forkedFrom: { readonly chatId: string; readonly position: number | null } | null;
  /** When it is to be gone (`setChatExpiry`). Null: it stays. */
  readonly expiresAt: Date | null;
}

/** A chat with its history, oldest item first. */
export interface ChatWithConversation extends Chat {
  /** Its items, as they were stored. */
  readonly conversation: AgentInputItem[];
}

/** The columns of a `Chat`, for a select or a returning. */
export const CHAT_COLUMNS = `chat_id as "chatId", user_id as "userId", title, is_active as "isActive",
  created_at as "createdAt", updated_at as "updatedAt",
  (extract(epoch from updated_at - to_timestamp(0)) * 1000000)::bigint::text as activity, ${VERSION} as version,
  is_pinned as "isPinned", is_archived as "isArchived", tags, coalesce(metadata, '{}') as metadata,
  forked_from as "forkedFrom", expires_at as "expiresAt"`;

/** The names and types of these columns, for a function. */
export const CHAT_TYPES = `"chatId" text, "userId" text, title text, "isActive" boolean, "createdAt" timestamptz,
  "updatedAt" timestamptz, activity text, version text, "isPinned" boolean, "isArchived" boolean, tags text[], metadata json,
  "forkedFrom" json, "expiresAt" timestamptz`;

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
 * Changes what is given of a chat, at once. What only organises it (`isPinned`, `isArchived`, `tags`, `metadata`) is no
 * activity: the chat keeps its place in the list.
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
    if (items === undefined && changes.title === undefined && !isOrganised(changes))
      return getChat(tx, chatId, userId);
    if (items !== undefined) {
      await mayReplace?.(tx);
      await deleteItems(tx, locked);
      await forgetPoints(tx, locked);
      await insertItems(tx, locked, items);
    }
    return changeChat(tx, locked, changes, items?.texts.length);
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

/** @param taken so many positions are taken by a conversation; undefined: it stays. */
async function changeChat(
  tx: Queryable,
  { chatId, userId }: LockedChat,
  { title, isPinned, isArchived, tags, metadata }: ChatChanges,
  taken: number | undefined,
): Promise<Chat | undefined> {
  const isActivity = title !== undefined || taken !== undefined;
  const rows = await query<Chat>(tx, {
    userId,
    name: 'change_chat',
    // The trigger puts the moment in the place of infinity: a cluster takes no function there.
    // $3 positions, $4 whether there is a title, $5 it, $6 pinned, $7 archived, $8 tags, $9 metadata, $10 whether it is activity.
    text: `update chats set next_position = next_position + $3, title = case when $4 then $5 else title end,
        titled_by = case when $4 then null else titled_by end,
        is_pinned = coalesce($6, is_pinned), is_archived = coalesce($7, is_archived), tags = coalesce($8, tags),
        metadata = case when $9::text is null then metadata else $9::json end,
        organised_at = case when $10 then organised_at else 'infinity' end
      where chat_id = $1 and user_id = $2 returning ${CHAT_COLUMNS}`,
    values: [
      chatId,
      userId,
      taken ?? 0,
      title !== undefined,
      title ?? null,
      isPinned ?? null,
      isArchived ?? null,
      tags ?? null,
      metadata === undefined ? null : toMetadataText(metadata),
      isActivity,
    ],
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
