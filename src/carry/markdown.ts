import type { Queryable } from '../driver/driver.ts';
import { QuestlogError } from '../errors.ts';
import { getChat } from '../store/chats/chats.ts';
import { readConversations } from '../store/chats/read-conversations.ts';

/**
 * A chat to be read by people: its title, and what was said and done in its history.
 *
 * @throws QuestlogError `chat_not_found`.
 */
export async function* exportMarkdown(
  db: Queryable,
  userId: string,
  chatId: string,
): AsyncGenerator<string, void, undefined> {
  const chat = await getChat(db, chatId, userId, { activeOnly: false });
  if (chat === undefined) throw new QuestlogError('chat_not_found', 'there is no such chat');
  yield `# ${toLine(chat.title ?? chatId)}\n`;
  const nextPage = readConversations(db, userId, [chatId]);
  let items = '';
  for (;;) {
    const { parts, isLast } = await nextPage();
    for (const part of parts) items += part.items;
    // A large item comes in pieces: it is whole when the list of all so far can be read.
    const list = parseList(items);
    if (list !== undefined) {
      items = '';
      yield list.map(toMarkdown).join('');
    }
    if (isLast) return;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: stored items may be anything: every member is looked at.
type Anything = any;

function parseList(items: string): Anything[] | undefined {
  try {
    return JSON.parse(`[${items.replace(/^,/, '')}]`);
  } catch {
    return undefined;
  }
}

function toMarkdown(item: Anything): string {
  switch (item.type ?? 'message') {
    case 'message':
      return `\n## ${NAMES.get(item.role) ?? 'Agent'}\n\n${toContent(item.content)}\n`;
    case 'function_call':
      return `\n### Call of \`${toLine(String(item.name))}\`\n\n${toCode(item.arguments)}\n`;
    case 'function_call_result':
      return `\n### Result\n\n${toCode(item.output?.text ?? item.output)}\n`;
    case 'hosted_tool_call':
      return `\n### Call of \`${toLine(String(item.name))}\`\n\n${toCode(item.output ?? '')}\n`;
    default:
      return '';
  }
}

const NAMES: ReadonlyMap<unknown, string> = new Map([
  ['user', 'User'],
  ['system', 'System'],
]);

function toContent(content: unknown): string {
  if (!Array.isArray(content)) return String(content ?? '');
  return content
    .map(
      (part) =>
        part?.text ?? part?.refusal ?? part?.transcript ?? `[${part?.filename ?? part?.type ?? 'unknown'}]`,
    )
    .join('\n\n');
}

function toCode(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

function toLine(text: string): string {
  return text.replaceAll(/[\n\r`]/g, ' ');
}
