import type { Database } from '../../src/database/database.ts';
import { getUserChats } from '../../src/index.ts';
import { getItemPage } from '../../src/store/items/item-page.ts';

/** Words as people write them, and as anybody may look for them: accents, case, form and script make no difference. */
const WRITTEN: Readonly<Record<string, readonly string[]>> = {
  cafe: ['café', 'Cafe\u0301', 'CAFÉ', 'ｃａｆｅ'],
  cafeteria: ['Cafetería'],
  strasse: ['Straße', 'STRASSE', 'straße'],
  lodz: ['Łódź', 'łodz'],
  office: ['oﬃce', 'Office'],
  '42': ['42', '４２'],
  שלום: ['שָׁלוֹם', 'שלום'],
  कि: ['कि'],
  का: ['का'],
  ολος: ['ΌΛΟΣ', 'όλος'],
  '🐉': ['🐉'],
  '👍': ['👍🏽', '👍'],
  ночь: ['НОЧЬ', 'ночь'],
};

export const WORDS: readonly string[] = Object.keys(WRITTEN);

/** Lines of scripts without spaces, any part of which is found. */
export const LINES: readonly string[] = [
  '人人生而自由和权利',
  '東京タワーへ行く',
  '모든인간은자유',
  'สวัสดีชาวโลก',
  '自由',
];

/** How a word may be written. */
export function write(word: string, nth: number): string {
  const forms = WRITTEN[word] ?? [word];
  return forms[nth % forms.length] as string;
}

/** A part of what is looked for. */
export type Part =
  | { readonly kind: 'word' | 'prefix'; readonly word: string }
  | { readonly kind: 'phrase'; readonly words: readonly [string, string] }
  | { readonly kind: 'line'; readonly text: string };

/** A text, as a list of words and lines. */
export type Text = readonly { readonly word: string; readonly form: number }[];

export function toText(text: Text): string {
  return text.map(({ word, form }) => write(word, form)).join(' ');
}

export function toQuery(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (part.kind === 'phrase') return `"${part.words.join(' ')}"`;
      if (part.kind === 'line') return part.text;
      return part.word;
    })
    .join(' ');
}

const PLAIN = new Map(
  Object.entries(WRITTEN).flatMap(([word, forms]) => forms.map((form) => [form, word] as const)),
);

/** The naive way: each word of a text by what it stands for, with spaces around. */
export function matches(text: string, parts: readonly Part[]): boolean {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const line = ` ${words.map((word) => PLAIN.get(word) ?? word).join(' ')} `;
  return parts.every((part, index) => {
    const isLast = index === parts.length - 1;
    if (part.kind === 'line') return words.some((word) => LINES.includes(word) && word.includes(part.text));
    if (part.kind === 'phrase') return line.includes(` ${part.words.join(' ')} `);
    return line.includes(isLast ? ` ${part.word}` : ` ${part.word} `);
  });
}

/** What a search of everything that the user's active chats say finds, one by one. */
export async function findNaively(db: Database, userId: string, parts: readonly Part[], tools: boolean) {
  const found: string[] = [];
  for (const { chatId, title } of await getUserChats(db, userId)) {
    if (matches(title ?? '', parts)) found.push(`${chatId} title`);
    const { items } = await getItemPage(db, chatId, userId, { limit: 1_000 });
    for (const { position, text, isBlocked } of items) {
      const item = JSON.parse(text ?? '{}');
      const isTool = item.type === 'function_call';
      const said = isTool ? JSON.parse(item.arguments).text : toSaid(item.content);
      if (!isBlocked && (tools || !isTool) && matches(said, parts)) found.push(`${chatId} ${position}`);
    }
  }
  return found.sort();
}

function toSaid(content: string | readonly { readonly text: string }[]): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('\n');
}
