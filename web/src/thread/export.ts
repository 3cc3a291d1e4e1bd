import type { PlacedItem, QuestlogClient } from 'questlog/client';
import { titleOf } from '../chats/chat-row.tsx';
import type { ShownFile } from '../files/file-part.ts';
import { toFence } from '../files/read-text.ts';
import { save } from '../files/save-file.ts';
import type { Texts } from '../texts/en.ts';
import type { ChatMessage, Part } from './store/message.ts';
import { toMessages } from './store/to-messages.ts';

/** Saves the whole chat as a file of the person's: as JSON it can be imported again. */
export async function exportChat(
  client: QuestlogClient,
  chatId: string,
  form: 'markdown' | 'json',
  texts: Texts,
): Promise<void> {
  const { title: kept } = await client.listItems(chatId, { limit: 1 });
  const title = titleOf({ title: kept }, texts);
  const name = title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '') || 'chat';
  if (form === 'json') {
    const stream = await client.exportChat(chatId, { format: 'json' });
    const type = 'application/json';
    return save(`${name}.json`, await new Response(stream, { headers: { 'content-type': type } }).blob());
  }
  const text = toMarkdown(title, await loadAllItems(client, chatId), texts);
  save(`${name}.md`, new Blob([text], { type: 'text/markdown' }));
}

export function toMarkdown(title: string, items: readonly PlacedItem[], texts: Texts): string {
  const messages = toMessages({ items, points: [], runs: new Map(), live: undefined, outgoing: [] });
  return [`# ${title}`, ...messages.map((message) => messageText(message, texts))].join('\n\n').concat('\n');
}

function messageText({ role, parts }: ChatMessage, texts: Texts): string {
  return [`## ${texts.thread.authors[role]}`, ...parts.map((part) => partText(part, texts))].join('\n\n');
}

function partText(part: Part, texts: Texts): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'reasoning':
      return part.text.replace(/^/gm, '> ');
    case 'handoff':
      return `*${texts.message.handedOver.replace('{agent}', () => part.agent)}*`;
    case 'tool':
      return `**${part.name}**\n\n${toFence('', part.arguments)}\n\n${toFence('', part.result ?? '')}`;
    case 'files':
      return part.files.map((file) => fileText(file, texts)).join('\n\n');
  }
}

/** A text is there; of other files their names, their data is in the JSON. */
function fileText({ kind, name, size, content }: ShownFile, { files }: Texts): string {
  if (typeof content === 'object' && content.type === 'input_text') return content.text;
  return `*[${name || files.unnamed[kind]}, ${files.size(size)}]*`;
}

async function loadAllItems(client: QuestlogClient, chatId: string): Promise<PlacedItem[]> {
  const items: PlacedItem[] = [];
  for (;;) {
    const page = await client.listItems(chatId, { before: items[0]?.position, limit: 1_000 });
    items.unshift(...page.items);
    if (!page.has_more) return items;
  }
}
