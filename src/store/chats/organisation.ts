import { invalidField, QuestlogError } from '../../errors.ts';
import { assertText } from '../../ids.ts';
import { encodeObject } from '../items/item-json.ts';

/** What an app keeps about a chat: an object of JSON. */
export type Metadata = Readonly<Record<string, unknown>>;

/** How a user and their apps put chats in order. None of it is activity. */
export interface Organisation {
  /** Whether it is at hand. */
  readonly isPinned?: boolean | undefined;
  /** Whether it is put away: such chats are in lists only when they are asked for. */
  readonly isArchived?: boolean | undefined;
  /** At most 50 different ones of 1 to 64 UTF-16 units, without white space around them. */
  readonly tags?: readonly string[] | undefined;
  /** An object of JSON, whose text has at most 16,384 bytes of UTF-8. It replaces the one before. */
  readonly metadata?: Metadata | undefined;
}

/** Tags of a chat, and of a filter. */
export const MAX_TAGS = 50;
/** In UTF-16 units. */
export const MAX_TAG_LENGTH = 64;
/** Of the JSON text, in UTF-8. */
export const MAX_METADATA_BYTES = 16_384;

/** Whether something of it is given. */
export function isOrganised({ isPinned, isArchived, tags, metadata }: Organisation): boolean {
  return [isPinned, isArchived, tags, metadata].some((value) => value !== undefined);
}

/** @throws QuestlogError `invalid_request` naming the field. */
export function assertOrganisation({ isPinned, isArchived, tags, metadata }: Organisation): void {
  for (const [field, value] of Object.entries({ isPinned, isArchived }))
    if (value !== undefined && typeof value !== 'boolean') throw invalidField(field, 'must be true or false');
  if (tags !== undefined) assertTags(tags);
  if (metadata !== undefined) toMetadataText(metadata);
}

/** @throws QuestlogError `invalid_request` naming the tag. */
export function assertTags(tags: readonly string[]): void {
  if (!Array.isArray(tags)) throw invalidField('tags', 'must be a list');
  if (tags.length > MAX_TAGS) throw invalidField('tags', `must be at most ${MAX_TAGS}`);
  for (const [index, tag] of Array.from(tags).entries()) {
    const field = `tags[${index}]`;
    if (typeof tag !== 'string') throw invalidField(field, 'must be a string');
    if (tag.length < 1 || tag.length > MAX_TAG_LENGTH)
      throw invalidField(field, `must have 1 to ${MAX_TAG_LENGTH} characters`);
    assertText(field, tag);
    if (tag !== tag.trim()) throw invalidField(field, 'must not begin or end with white space');
    if (tags.indexOf(tag) !== index) throw invalidField(field, 'is there twice');
  }
}

/** @throws QuestlogError `invalid_request` naming the member that JSON cannot carry. */
export function toMetadataText(metadata: Metadata): string {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))
    throw invalidField('metadata', 'must be an object');
  const text = toText(metadata);
  if (Buffer.byteLength(text) > MAX_METADATA_BYTES)
    throw invalidField('metadata', `must be at most ${MAX_METADATA_BYTES} bytes of UTF-8 as JSON`);
  return text;
}

function toText(metadata: Metadata): string {
  try {
    return encodeObject(metadata, 'metadata');
  } catch (error) {
    if (!(error instanceof QuestlogError)) throw error;
    throw new QuestlogError('invalid_request', error.message, { errors: error.errors, cause: error.cause });
  }
}
