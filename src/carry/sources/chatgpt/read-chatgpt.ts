import { setImmediate } from 'node:timers/promises';
import { QuestlogError } from '../../../errors.ts';
import { parse, toItemText } from '../../check-entries.ts';
import type { Entry } from '../../entries.ts';
import { readElements } from '../../read-text.ts';
import { fromSeconds } from '../messages.ts';
import { type Placed, placeMessages } from './tree.ts';

/** Of one conversation. */
const MAX_CHARACTERS = 100_000_000;

/** Reads `conversations.json` of ChatGPT's export: its tree as a history with alternatives. */
export async function* readConversationsJson(
  pieces: AsyncIterable<string>,
  maxItemBytes: number,
): AsyncGenerator<Entry, void, undefined> {
  const elements = readElements(pieces, { maxCharacters: MAX_CHARACTERS });
  for (let number = 1; ; number++) {
    const { done, value: text } = await elements.next();
    if (done) {
      if (text) yield { type: 'end' };
      return;
    }
    const name = `conversation ${number}`;
    if (text === null)
      yield { type: 'broken', id: null, why: `${name} is larger than ${MAX_CHARACTERS} characters` };
    else yield* readConversation(() => parse(text, name), name, maxItemBytes);
  }
}

/** As `readConversationsJson`, of what is parsed. */
export async function* readParsedConversations(
  conversations: readonly unknown[],
  maxItemBytes: number,
): AsyncGenerator<Entry, void, undefined> {
  for (const [index, conversation] of conversations.entries()) {
    await setImmediate();
    yield* readConversation(() => conversation, `conversation ${index + 1}`, maxItemBytes);
  }
  yield { type: 'end' };
}

function* readConversation(
  read: () => unknown,
  name: string,
  maxItemBytes: number,
): Generator<Entry, void, undefined> {
  try {
    // All of it before any of it: what cannot be read is no chat.
    yield* [...toEntries(read(), name, maxItemBytes)];
  } catch (error) {
    if (!(error instanceof QuestlogError)) throw error;
    yield { type: 'broken', id: null, why: error.message };
  }
}

function* toEntries(parsed: unknown, name: string, maxItemBytes: number): Generator<Entry, void, undefined> {
  const conversation = Object(parsed);
  const id = conversation.conversation_id ?? conversation.id;
  const isRead = typeof conversation.mapping === 'object' && conversation.mapping !== null;
  if (!isRead || typeof id !== 'string') {
    throw new QuestlogError('invalid_request', `${name} is none of ChatGPT’s: it has no id or no mapping`);
  }
  const { messages, leftOut } = placeMessages(conversation);
  yield { type: 'chat', id, row: toRow(conversation, messages) };
  for (const message of messages) {
    const { position, createdAt, after, branch } = message;
    const row = { position, createdAt, runId: null, isBlocked: false, feedback: null };
    const item = { ...row, text: toItemText(JSON.stringify(message.item), maxItemBytes) };
    if (message.hasSiblings) {
      const { isCurrent, parentBranch: inside } = message;
      yield {
        type: 'alternative',
        alternativeId: position,
        afterPosition: after,
        inside,
        isCurrent,
        createdAt,
      };
    }
    if (branch === null) yield { type: 'item', ...item };
    else yield { type: 'archived_item', ...item, archivedAt: undefined, alternativeId: branch };
  }
  for (const [what, count] of leftOut) yield { type: 'changed', what: `${count} ${what} left out` };
  yield { type: 'chat_end', nextPosition: messages.length };
}

function toRow(conversation: Record<string, unknown>, messages: readonly Placed[]): Record<string, unknown> {
  const times = messages.flatMap(({ createdAt }) => createdAt ?? []).sort();
  const createdAt = fromSeconds(conversation.create_time) ?? times[0];
  const updatedAt = fromSeconds(conversation.update_time) ?? times.at(-1) ?? createdAt;
  const { title } = conversation;
  return {
    title: typeof title === 'string' && title !== '' ? title : null,
    ...(createdAt === undefined ? {} : { created_at: createdAt }),
    ...(updatedAt === undefined ? {} : { updated_at: updatedAt }),
  };
}
