import { assistantMessage, toText, userMessage } from '../messages.ts';

/** What of a message is said to people, and what is not. */
export type Said = { readonly item: object } | { readonly leftOut: string | null };

// biome-ignore lint/suspicious/noExplicitAny: what other programs write may be anything: every member is looked at.
type Anything = any;

/** An export's message as an item of the SDK: what has no such form is text. */
export function toItem(message: Anything): Said {
  const role = message?.author?.role;
  if (typeof role !== 'string') return { leftOut: null };
  if (role === 'system') return { leftOut: isEmpty(message) ? null : 'system messages' };
  if (message.metadata?.is_visually_hidden_from_conversation === true) return { leftOut: 'hidden messages' };
  const hidden = HIDDEN.get(message.content?.content_type);
  if (hidden !== undefined) return { leftOut: hidden };
  const text = [toContentText(message.content), ...namesOf(message.metadata?.attachments)]
    .filter((part) => part.trim() !== '')
    .join('\n\n');
  if (text === '') return { leftOut: isEmpty(message) ? null : `content of type ${typeOf(message)}` };
  return { item: role === 'user' ? userMessage(text) : assistantMessage(text) };
}

/** What nobody was shown, by the type of its content. */
const HIDDEN: ReadonlyMap<unknown, string> = new Map([
  ['user_editable_context', 'custom instructions'],
  ['model_editable_context', 'memories'],
  ['thoughts', 'thoughts of the model'],
  ['reasoning_recap', 'thoughts of the model'],
]);

function typeOf(message: Anything): string {
  return toText(message.content?.content_type ?? 'null').slice(0, 80);
}

function isEmpty({ content }: Anything): boolean {
  if (content === null || content === undefined) return true;
  const parts = Array.isArray(content.parts) ? content.parts : [content.text ?? content.result ?? ''];
  return parts.every((part: unknown) => part === '' || part === null || part === undefined);
}

function toContentText(content: Anything): string {
  switch (content?.content_type) {
    case 'code':
      return toCode(content.text, content.language);
    case 'execution_output':
      return toCode(content.text);
    case 'tether_quote':
      return [content.title, content.url, content.text].filter(isText).join('\n');
    default:
      if (Array.isArray(content?.parts)) return content.parts.map(toPartText).filter(isText).join('\n');
      return [content?.text, content?.result, content?.summary].find(isText) ?? '';
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function toPartText(part: Anything): string {
  if (typeof part === 'string') return part;
  if (isText(part?.text)) return part.text;
  if (typeof part?.content_type !== 'string') return '';
  const name = part.name ?? part.asset_pointer ?? '';
  return `[${part.content_type.replace(/_asset_pointer$/, '').replaceAll('_', ' ')}${name === '' ? '' : `: ${toText(name)}`}]`;
}

function namesOf(attachments: unknown): string[] {
  if (!Array.isArray(attachments)) return [];
  return attachments
    .map((file) => file?.name ?? file?.id)
    .filter(isText)
    .map((name) => `[file: ${name}]`);
}

function toCode(text: unknown, language: unknown = ''): string {
  if (!isText(text)) return '';
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${isText(language) && language !== 'unknown' ? language : ''}\n${text}\n${fence}`;
}
