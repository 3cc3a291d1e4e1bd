import { invalidField } from '../../errors.ts';
import { assertText } from '../../ids.ts';
import { MAX_TAGS, type Metadata, toMetadataText } from './organisation.ts';

/** Which of a user's chats. */
export interface ChatFilter {
  /** Leave soft-deleted chats out (the default). */
  readonly activeOnly?: boolean | undefined;
  /** Only soft-deleted chats, whatever `activeOnly` says. */
  readonly deletedOnly?: boolean | undefined;
  /** Only archived chats, or only others. Default: others; where soft-deleted chats are listed, both. */
  readonly archived?: boolean | undefined;
  /** Only pinned chats, or only others. Default: both. */
  readonly pinned?: boolean | undefined;
  /** Only chats that have all of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** Only chats whose metadata has each of these members, with this value. */
  readonly metadata?: MetadataFilter | undefined;
  /** Only chats whose title contains this, in any case. */
  readonly titleContains?: string | undefined;
}

/** Members of a chat's metadata. */
export type MetadataFilter = Readonly<Record<string, string | number | boolean>>;

/** A part of a statement. */
interface Condition {
  /** For the name of the statement: another for each text. Undefined: it is not asked often enough to be kept. */
  readonly name: string | undefined;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Whether only archived chats are meant, or only others; undefined: both. */
export function isArchivedIn({ activeOnly = true, deletedOnly, archived }: ChatFilter): boolean | undefined {
  return archived ?? (activeOnly && !deletedOnly ? false : undefined);
}

/**
 * A filter as SQL. Flags are written out: a partial index serves only a query that says what it has.
 *
 * @param parameter the number of the first parameter that the condition may use.
 * @throws QuestlogError `invalid_request` naming the field.
 */
export function toCondition(filter: ChatFilter, parameter: number): Condition {
  const { activeOnly = true, deletedOnly = false, pinned, tags, metadata, titleContains } = filter;
  for (const [field, value] of Object.entries({ pinned, archived: filter.archived }))
    if (value !== undefined && typeof value !== 'boolean') throw invalidField(field, 'must be true or false');
  const values: unknown[] = [];
  const add = (value: unknown) => `$${parameter - 1 + values.push(value)}`;
  const archived = isArchivedIn(filter);
  const parts: (readonly [letter: string, text: string])[] = [];
  if (deletedOnly) parts.push(['d', 'and not is_active']);
  else if (activeOnly) parts.push(['a', 'and is_active']);
  if (archived !== undefined) parts.push(archived ? ['r', 'and is_archived'] : ['h', 'and not is_archived']);
  if (pinned !== undefined) parts.push(pinned ? ['p', 'and is_pinned'] : ['u', 'and not is_pinned']);
  const soughtTags = tags === undefined ? [] : readTags(tags);
  if (soughtTags.length > 0) parts.push(['-', `and tags @> ${add(soughtTags)}::text[]`]);
  const sought = metadata === undefined ? '{}' : readMetadata(metadata);
  if (sought !== '{}') {
    // What jsonb cannot have stands there as U+FFFD; most texts have no escape at all, and need no look at theirs.
    const members =
      "case when strpos(metadata::text, '\\u') = 0 then metadata::jsonb else to_safe_jsonb(metadata) end";
    const condition = `and metadata is not null and (${members}) @> ${add(sought)}::jsonb`;
    parts.push(['-', condition]);
  }
  if (titleContains !== undefined) parts.push(titled(titleContains, add));
  const name = parts.map(([letter]) => letter).join('');
  const text = parts.map(([, part]) => part).join(' ');
  return { name: name.includes('-') ? undefined : name, text, values };
}

function titled(titleContains: string, add: (value: unknown) => string): readonly [string, string] {
  assertText('q', titleContains);
  const [from, to] = toCaseTable(titleContains);
  const sought = `${add(titleContains)}::text`;
  if (from === '') return ['t', `and strpos(lower(title collate "C"), lower(${sought} collate "C")) > 0`];
  const [upper, lower] = [add(from), add(to)];
  const fold = (text: string) => `lower(translate(${text}, ${upper}, ${lower}) collate "C")`;
  return ['T', `and strpos(${fold('title')}, ${fold(sought)}) > 0`];
}

function readTags(tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags) || tags.length > MAX_TAGS)
    throw invalidField('tags', `must be a list of at most ${MAX_TAGS}`);
  return Array.from(tags, (tag: unknown, index) => {
    if (typeof tag !== 'string') throw invalidField(`tags[${index}]`, 'must be a string');
    assertText(`tags[${index}]`, tag);
    return tag;
  });
}

function readMetadata(metadata: MetadataFilter): string {
  const text = toMetadataText(metadata);
  for (const [name, value] of Object.entries(JSON.parse(text) as Metadata)) {
    const field = `metadata.${name.slice(0, 80)}`;
    if (!['string', 'number', 'boolean'].includes(typeof value))
      throw invalidField(field, 'must be a string, a number, true or false');
    for (const part of [name, String(value)])
      if (!part.isWellFormed() || part.includes('\u0000'))
        throw invalidField(field, 'must be well-formed Unicode without the NUL character');
  }
  return text;
}

/**
 * The letters of a text that are not ASCII, in both cases, and their lower case. ASCII is left to `lower` in collation C:
 * a locale may know fewer letters (C) or have other pairs (a Turkish I).
 */
function toCaseTable(text: string): readonly [from: string, to: string] {
  const table = new Map<string, string>();
  for (const letter of text.match(/[^\0-\x7f]/gu) ?? []) {
    const upper = letter.toUpperCase();
    const lower = upper.toLowerCase();
    // PostgreSQL's translate takes one character for one.
    if ([...upper].length > 1 || [...lower].length > 1) continue;
    for (const form of [letter, upper]) if (form !== lower) table.set(form, lower);
  }
  return [[...table.keys()].join(''), [...table.values()].join('')];
}
