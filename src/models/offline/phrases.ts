import { z } from 'zod';
import type { ToolResult } from './conversation.ts';

const MAX_QUOTE = 120;
const MAX_DICE_TOLD = 20;

const Roll = z.object({
  notation: z.string(),
  groups: z.array(z.object({ dice: z.array(z.object({ value: z.number(), kept: z.boolean() })) })),
  total: z.number(),
});
const Notes = z.object({ notes: z.array(z.object({ note_id: z.string(), text: z.string() })) });

/** The start of a text on one line, in quotation marks. */
export function quote(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const cut = line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE).toWellFormed()}…` : line;
  return `“${cut}”`;
}

/** The outcome of one `roll_dice` call; dropped dice are in parentheses. A failure is told as the tool told it. */
export function describeRoll(result: ToolResult): string {
  const roll = parseAs(Roll, result.text);
  if (roll === undefined) return result.text;
  const dice = roll.groups.flatMap((group) => group.dice);
  const values = dice.slice(0, MAX_DICE_TOLD).map((die) => (die.kept ? `${die.value}` : `(${die.value})`));
  if (dice.length > MAX_DICE_TOLD) values.push('…');
  return `The dice fall, ${roll.notation}: ${values.join(', ')}. Total: ${roll.total}.`;
}

/** The total of one `roll_dice` call, if it worked. */
export function totalOf(result: ToolResult): number | undefined {
  return parseAs(Roll, result.text)?.total;
}

/** The notes that `list_notes` found; undefined when it failed. */
export function notesOf(result: ToolResult): z.infer<typeof Notes>['notes'] | undefined {
  return parseAs(Notes, result.text)?.notes;
}

/** The outcome of `list_notes`. */
export function describeNotes(result: ToolResult): string {
  const notes = notesOf(result);
  if (notes === undefined) return result.text;
  if (notes.length === 0) return 'There are no campaign notes yet.';
  return `The campaign notes:\n${notes.map((note) => `- ${quote(note.text)} (${note.note_id})`).join('\n')}`;
}

function parseAs<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
