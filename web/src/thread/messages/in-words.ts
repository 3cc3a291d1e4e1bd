import type { ChatMessage } from '../store/message.ts';
import { parseJson } from './tool-card.tsx';

/** An argument of a call, as a person reads it. */
export interface ArgumentInWords {
  readonly label: string;
  readonly text: string;
  /** What stands in the call where the text is what that means. */
  readonly title: string | undefined;
}

/** What says to a person which thing it is, the longest first. */
const NAMES = ['text', 'title', 'name', 'label', 'subject'];

/** `delete_note`: delete note. */
export function toolInWords(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_\-.]+/g, ' ')
    .trim()
    .toLowerCase();
}

/** What a call is about: an id by the words of the thing that an earlier result gave this id. */
export function argumentsInWords(json: string, messages: readonly ChatMessage[]): ArgumentInWords[] {
  const value = parseJson(json);
  if (typeof value !== 'object' || value === null) return [{ label: '', text: json, title: undefined }];
  return Object.entries(value).map(([name, argument]) => {
    const text = typeof argument === 'string' ? argument : JSON.stringify(argument, null, 2);
    const meant = typeof argument === 'string' ? findNamed(argument, messages) : undefined;
    const label = meant === undefined ? toolInWords(name) : toolInWords(name).replace(/ ?\bid$/, '');
    return { label, text: meant ?? text, title: meant === undefined ? undefined : text };
  });
}

function findNamed(id: string, messages: readonly ChatMessage[]): string | undefined {
  const parts = messages.flatMap((message) => message.parts);
  const results = parts.flatMap((part) =>
    part.type === 'tool' && part.result?.includes(id) ? [part.result] : [],
  );
  for (const result of results.reverse()) {
    const named = nameIn(parseJson(result), id);
    if (named !== undefined) return named;
  }
  return undefined;
}

/** The words of the object that has this id among its values. */
function nameIn(value: unknown, id: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value);
  if (entries.some(([name, entry]) => entry === id && /id$/i.test(name))) {
    const name = NAMES.find((known) =>
      entries.some(([at, entry]) => at === known && typeof entry === 'string'),
    );
    if (name !== undefined) return String(entries.find(([at]) => at === name)?.[1]);
  }
  for (const [, entry] of entries) {
    const named = nameIn(entry, id);
    if (named !== undefined) return named;
  }
  return undefined;
}
