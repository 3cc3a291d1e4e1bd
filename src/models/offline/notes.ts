import type { Skill } from './conversation.ts';
import { notesOf } from './phrases.ts';

const QUESTION = /\b(?:what are|which|what['’]s in|list|show|read|see)\b.{0,20}\bnotes\b/i;
const NEW = /\b(?:remember|note)(?:\s+down)?(?:\s+that\s+|\s*:\s*)(.+)/is;
const DELETION = /\b(?:delete|remove|forget)\b.{0,20}\bnotes?\b/i;
const ID = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/i;

export const listNotes: Skill = ({ question }, { tools }) => {
  if (!QUESTION.test(question) || !tools.includes('list_notes')) return undefined;
  return { calls: [{ tool: 'list_notes', input: {} }] };
};

export const saveNote: Skill = ({ question }, { tools }) => {
  const text = NEW.exec(question)?.[1]?.trim();
  if (!text || !tools.includes('save_note')) return undefined;
  return { calls: [{ tool: 'save_note', input: { text } }] };
};

/** Without an id in the question, the notes are listed first. */
export const deleteNote: Skill = ({ question, results }, { tools }) => {
  if (!DELETION.test(question) || !tools.includes('delete_note')) return undefined;
  const deleted = results.find(({ tool }) => tool === 'delete_note');
  if (deleted !== undefined) return { text: deleted.text };
  const listed = results.find(({ tool }) => tool === 'list_notes');
  const id = ID.exec(question)?.[0] ?? (listed && closest(question, notesOf(listed) ?? []));
  if (id !== undefined) return { calls: [{ tool: 'delete_note', input: { note_id: id } }] };
  if (listed !== undefined || !tools.includes('list_notes')) return undefined;
  return { calls: [{ tool: 'list_notes', input: {} }] };
};

/** The note that shares the most words with the question; the newest of several. */
function closest(
  question: string,
  notes: readonly { readonly note_id: string; readonly text: string }[],
): string | undefined {
  const asked = wordsOf(question);
  const shared = notes.map(({ text }) => [...wordsOf(text)].filter((word) => asked.has(word)).length);
  return notes[shared.lastIndexOf(Math.max(...shared))]?.note_id;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/\p{L}{3,}/gu));
}
