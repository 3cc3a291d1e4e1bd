import { QuestlogError } from '../../errors.ts';
import {
  parse,
  refuse,
  toBoolean,
  toFeedback,
  toItemText,
  toPosition,
  toRunId,
  toTime,
} from '../check-entries.ts';
import type { Entry } from '../entries.ts';
import { EXPORT_VERSION } from '../export-chats.ts';
import { peek, readElements, readLines } from '../read-text.ts';

/** What is in a line beside its item. */
const MAX_HEAD_CHARACTERS = 100_000;

/** The greatest positions of what a chat has, which only grow, and how many there are. */
interface OpenChat {
  readonly id: string;
  readonly nextPosition: number;
  readonly last: Record<'item' | 'archived_item' | 'alternative', number>;
  readonly counts: Record<'items' | 'archived_items' | 'alternatives', number>;
}

type Members = Readonly<Record<string, unknown>>;

/** What an export as JSON begins with, and no other list. */
export const LIST_HEAD = /^\[\s*\{\s*"type"\s*:\s*"export"/;

/**
 * Reads an export of Questlog: lines, or as JSON the elements of a list.
 *
 * @throws QuestlogError `invalid_request` when it is none, or a newer one.
 */
export async function* readExport(
  pieces: AsyncIterable<string>,
  maxItemBytes: number,
): AsyncGenerator<Entry, void, undefined> {
  const { begin, all } = await peek(pieces, 1);
  const read = begin.startsWith('[') ? readElements : readLines;
  let [number, chat]: [number, OpenChat | undefined] = [0, undefined];
  for await (const line of read(all, { maxCharacters: maxItemBytes + MAX_HEAD_CHARACTERS })) {
    number += 1;
    if (line?.trim() === '') continue;
    if (number === 1) {
      assertHead(line);
      continue;
    }
    const entry = readLine(line, chat, number, maxItemBytes);
    if (entry.type === 'chat') chat = open(entry.id, entry.row);
    else if (entry.type === 'chat_end' || entry.type === 'cancelled') chat = undefined;
    yield entry;
  }
}

function assertHead(text: string | null): void {
  const head = Object(text === null ? null : parse(text, 'the first line'));
  if (head.type !== 'export' || head.format !== 'questlog') refuse('the source is no export of Questlog');
  if (head.version === EXPORT_VERSION) return;
  throw new QuestlogError('invalid_request', `version ${head.version} of exports is not known here`);
}

function open(id: string, row: Members): OpenChat {
  return {
    id,
    nextPosition: Number(row.next_position),
    last: { item: -1, archived_item: -1, alternative: -1 },
    counts: { items: 0, archived_items: 0, alternatives: 0 },
  };
}

function readLine(
  line: string | null,
  chat: OpenChat | undefined,
  number: number,
  maxItemBytes: number,
): Entry {
  const id = chat?.id ?? null;
  try {
    if (line === null) return refuse('is too long');
    const { members, item } = split(line);
    return toEntry(members, item, chat, maxItemBytes);
  } catch (error) {
    if (!(error instanceof QuestlogError)) throw error;
    return { type: 'broken', id, why: `line ${number}: ${error.message}` };
  }
}

const ITEM = ',"item":';

/** The members of a line, and the text of its item as it stands there. */
function split(line: string): { readonly members: Members; readonly item: string | undefined } {
  const at = line.indexOf(ITEM);
  if (at !== -1 && line.endsWith('}')) {
    try {
      const members: unknown = JSON.parse(`${line.slice(0, at)}}`);
      return { members: Object(members), item: line.slice(at + ITEM.length, -1) };
    } catch {
      // Not as it is exported: another program has written the line.
    }
  }
  const members: Members = Object(parse(line, 'it'));
  return { members, item: members.item === undefined ? undefined : JSON.stringify(members.item) };
}

function toEntry(
  members: Members,
  item: string | undefined,
  chat: OpenChat | undefined,
  maxItemBytes: number,
): Entry {
  const { type } = members;
  if (type === 'end') return { type: 'end' };
  if (type === 'chat') return toChat(members);
  if (chat === undefined) return refuse('belongs to no chat');
  switch (type) {
    case 'item':
      return { type, ...toItem(members, item, maxItemBytes, next(chat, 'item', members.position)) };
    case 'archived_item':
      return {
        type,
        ...toItem(members, item, maxItemBytes, next(chat, type, members.position)),
        archivedAt: toTime(members.archived_at, 'archived_at'),
        alternativeId: toNullable(members.alternative_id, 'alternative_id'),
      };
    case 'alternative':
      return {
        type,
        alternativeId: next(chat, type, members.alternative_id),
        afterPosition: toPosition(Number(members.after_position) + 1, 'after_position') - 1,
        inside: toNullable(members.inside, 'inside'),
        isCurrent: toBoolean(members.is_current, 'is_current'),
        createdAt: toTime(members.created_at, 'created_at'),
      };
    case 'chat_end':
      for (const [name, count] of Object.entries(chat.counts))
        if (members[name] !== count) refuse(`the chat has ${count} of ${members[name]} ${name}`);
      return { type, nextPosition: chat.nextPosition };
    case 'chat_cancelled':
      return { type: 'cancelled' };
    default:
      return refuse(`there are no lines of type ${JSON.stringify(type)?.slice(0, 80)}`);
  }
}

function toChat({ type: _, chat_id: id, ...row }: Members): Entry {
  if (typeof id !== 'string') refuse('chat_id must be a text');
  toPosition(row.next_position, 'next_position');
  return { type: 'chat', id, row };
}

function toItem(members: Members, item: string | undefined, maxItemBytes: number, position: number) {
  if (item === undefined) refuse('has no item');
  return {
    position,
    createdAt: toTime(members.created_at, 'created_at'),
    runId: toRunId(members.run_id),
    isBlocked: toBoolean(members.blocked, 'blocked'),
    feedback: toFeedback(members.feedback),
    text: toItemText(item, maxItemBytes),
  };
}

/** Positions of a kind grow, and are below that of the next item. */
function next(chat: OpenChat, kind: keyof OpenChat['last'], value: unknown): number {
  const position = toPosition(value, kind === 'alternative' ? 'alternative_id' : 'position');
  if (position <= chat.last[kind] || position >= chat.nextPosition)
    refuse(`position ${position} is out of order`);
  chat.last[kind] = position;
  chat.counts[kind === 'item' ? 'items' : kind === 'alternative' ? 'alternatives' : 'archived_items'] += 1;
  return position;
}

function toNullable(value: unknown, name: string): number | null {
  return value === null || value === undefined ? null : toPosition(value, name);
}
