import { type RunContext, tool } from '@openai/agents-core';
import { z } from 'zod';
import type { Queryable } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import type { ChatContext } from '../../run/types.ts';
import {
  addCampaignNote,
  type CampaignNote,
  deleteCampaignNote,
  getCampaignNotes,
  MAX_NOTE_LENGTH,
} from '../../store/campaign-notes.ts';
import { type RandomDie, rollDice } from './dice.ts';

const NO_CHAT =
  'This conversation is not stored, so it has no notes. Tell the user to start a chat to keep some.';

/** The tool `roll_dice`: dice notation in, the `DiceRoll` as JSON out. */
export function rollDiceTool(random?: RandomDie) {
  return tool({
    name: 'roll_dice',
    description: 'Rolls dice. The only fair way to get a random number: never make up a roll.',
    parameters: z.object({
      notation: z
        .string()
        .describe('Dice notation: d20+5, 4d6kh3 (keep highest), 2d20kl1 (keep lowest), 2d6! (exploding)'),
    }),
    execute: ({ notation }) => JSON.stringify(rollDice(notation, random)),
    errorFunction: describeError,
  });
}

/** The tools `save_note`, `list_notes` and `delete_note`: the notes of the chat that the run belongs to. */
export function campaignNoteTools(db: Queryable) {
  return [saveNoteTool(db), listNotesTool(db), deleteNoteTool(db)];
}

function saveNoteTool(db: Queryable) {
  return tool({
    name: 'save_note',
    description: 'Keeps a note about the campaign, for this and every later session of this chat.',
    parameters: z.object({ text: z.string().describe(`The note, at most ${MAX_NOTE_LENGTH} characters`) }),
    execute: async ({ text }, context?: RunContext<ChatContext>) => {
      const chat = chatOf(context);
      if (chat === undefined) return NO_CHAT;
      return JSON.stringify(noteJson(await addCampaignNote(db, chat.chatId, chat.userId, text)));
    },
    errorFunction: describeError,
  });
}

function listNotesTool(db: Queryable) {
  return tool({
    name: 'list_notes',
    description: 'Lists the notes about the campaign, oldest first, with their ids.',
    parameters: z.object({}),
    execute: async (_input, context?: RunContext<ChatContext>) => {
      const chat = chatOf(context);
      if (chat === undefined) return NO_CHAT;
      const notes = await getCampaignNotes(db, chat.chatId, chat.userId);
      return JSON.stringify({ notes: notes.map(noteJson) });
    },
    errorFunction: describeError,
  });
}

function deleteNoteTool(db: Queryable) {
  return tool({
    name: 'delete_note',
    description: 'Deletes one note about the campaign. Only when the user asks for it.',
    parameters: z.object({ note_id: z.string().describe('The id that list_notes gives') }),
    // What is forgotten cannot be brought back: a person decides.
    needsApproval: true,
    execute: async ({ note_id }, context?: RunContext<ChatContext>) => {
      const chat = chatOf(context);
      if (chat === undefined) return NO_CHAT;
      const deleted = await deleteCampaignNote(db, chat.chatId, chat.userId, note_id);
      return deleted ? 'The note is deleted.' : 'There is no note with this id: list_notes gives the ids.';
    },
    errorFunction: describeError,
  });
}

/** Without run context (an agent that was started by hand) there is no chat either. */
function chatOf(run: RunContext<ChatContext> | undefined): { chatId: string; userId: string } | undefined {
  const { chatId, userId } = run?.context ?? {};
  return chatId && userId ? { chatId, userId } : undefined;
}

function noteJson(note: CampaignNote) {
  return { note_id: note.noteId, text: note.text, created_at: note.createdAt.toISOString() };
}

/** The messages of a `QuestlogError` are made for people; any other error may hold anything. */
function describeError(_context: unknown, error: unknown): string {
  if (error instanceof QuestlogError) return `This did not work: ${error.message}.`;
  if (error instanceof Error && error.name === 'InvalidToolInputError') {
    return 'This did not work: the arguments do not fit the tool.';
  }
  return 'This did not work. Tell the user that the tool failed.';
}
