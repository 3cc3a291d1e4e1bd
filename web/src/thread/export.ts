import type { ItemPageResponse, PlacedItem, QuestlogClient } from 'questlog/client';
import { titleOf } from '../chats/chat-row.tsx';
import type { Texts } from '../texts/en.ts';
import type { ChatMessage, Part } from './store/message.ts';
import { toMessages } from './store/to-messages.ts';

/** Saves the whole chat as a file of the person's. */
export async function exportChat(
  client: QuestlogClient,
  chatId: string,
  form: 'markdown' | 'json',
  texts: Texts,
): Promise<void> {
  const chat = await loadAllItems(client, chatId);
  const title = titleOf(chat, texts);
  const name = title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '') || 'chat';
  if (form === 'markdown') save(`${name}.md`, 'text/markdown', toMarkdown(title, chat.items, texts));
  else save(`${name}.json`, 'application/json', `${JSON.stringify({ chat_id: chatId, ...chat }, null, 2)}\n`);
}

export function toMarkdown(title: string, items: readonly PlacedItem[], texts: Texts): string {
  const messages = toMessages({ items, points: [], runs: new Map(), live: undefined, outgoing: [] });
  return [`# ${title}`, ...messages.map((message) => messageText(message, texts))].join('\n\n').concat('\n');
}

function messageText({ role, parts }: ChatMessage, texts: Texts): string {
  return [`## ${texts.thread.authors[role]}`, ...parts.map((part) => partText(part, texts))].join('\n\n');
}

function partText(part: Part, { message }: Texts): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'reasoning':
      return part.text.replace(/^/gm, '> ');
    case 'handoff':
      return `*${message.handedOver.replace('{agent}', () => part.agent)}*`;
    case 'tool':
      return `**${part.name}**\n\n${fenced(part.arguments)}\n\n${fenced(part.result ?? '')}`;
  }
}

/** The fence is longer than any in the text. */
function fenced(text: string): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

async function loadAllItems(
  client: QuestlogClient,
  chatId: string,
): Promise<Pick<ItemPageResponse, 'title' | 'items'>> {
  const items: PlacedItem[] = [];
  for (;;) {
    const page = await client.listItems(chatId, { before: items[0]?.position, limit: 1_000 });
    items.unshift(...page.items);
    if (!page.has_more) return { title: page.title, items };
  }
}
