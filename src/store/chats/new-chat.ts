import { invalidField } from '../../errors.ts';
import { assertText } from '../../ids.ts';
import { type Checks, checkOptions, isAnything } from '../../options.ts';
import { EncodedItems, NO_ITEMS } from '../items/encoded-items.ts';
import { encodeItems } from '../items/item-json.ts';
import { assertOrganisation, type Organisation } from './organisation.ts';

/** The longest title, in UTF-16 units. */
export const MAX_TITLE_LENGTH = 500;

/** What a caller says of a chat that is created or changed. */
export interface NewChat extends Organisation {
  /** At most 500 UTF-16 units; null for none. */
  readonly title?: string | null | undefined;
  /** Its items, oldest first: those of the SDK. */
  readonly conversation?: readonly unknown[] | EncodedItems | null | undefined;
}

/** Only what is given changes. A `conversation` replaces the history; `null` clears it. */
export interface ChatChanges extends NewChat {}

/** The items of a conversation, checked and ready to write. */
export function toEncoded(conversation: NewChat['conversation']): EncodedItems {
  if (conversation === undefined || conversation === null) return NO_ITEMS;
  return conversation instanceof EncodedItems
    ? conversation
    : encodeItems(conversation, { field: 'conversation' });
}

const FIELDS: Checks<NewChat> = {
  title: isAnything,
  conversation: isAnything,
  isPinned: isAnything,
  isArchived: isAnything,
  tags: isAnything,
  metadata: isAnything,
};

/** @throws QuestlogError `invalid_request` for what is no object or has other fields, and naming each field that is not storable. */
export function assertNewChat(name: string, chat: NewChat): void {
  checkOptions(chat, FIELDS, { name });
  assertTitle(chat.title);
  assertOrganisation(chat);
}

/** @throws QuestlogError `invalid_request` for a title that is too long or not storable. */
export function assertTitle(title: unknown): void {
  if (title === undefined || title === null) return;
  if (typeof title !== 'string') throw invalidField('title', 'must be a string or null');
  if (title.length > MAX_TITLE_LENGTH)
    throw invalidField('title', `must be at most ${MAX_TITLE_LENGTH} long`);
  assertText('title', title);
}
