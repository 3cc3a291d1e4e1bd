import type { Queryable } from '../driver/driver.ts';
import { query } from '../driver/driver.ts';
import { invalidField, QuestlogError } from '../errors.ts';
import { assertText, newId } from '../ids.ts';

/** The longest note, in UTF-16 units. */
export const MAX_NOTE_LENGTH = 4_000;
/** The most notes that one read gives. */
export const MAX_NOTES = 200;

/** Something to remember in one chat. */
export interface CampaignNote {
  readonly noteId: string;
  readonly text: string;
  readonly createdAt: Date;
}

interface NoteRow {
  readonly note_id: string;
  readonly text: string;
  readonly created_at: Date;
}

/**
 * Adds a note to a chat.
 *
 * @throws QuestlogError `invalid_request` for a text that is empty, too long or not storable,
 * `chat_not_found` when the user has no such chat.
 */
export async function addCampaignNote(
  db: Queryable,
  chatId: string,
  userId: string,
  text: string,
): Promise<CampaignNote> {
  assertText('text', text);
  if (text.trim() === '') throw invalidField('text', 'must not be empty');
  if (text.length > MAX_NOTE_LENGTH) {
    throw invalidField('text', `must be at most ${MAX_NOTE_LENGTH} characters`);
  }
  const [row] = await query<NoteRow>(db, {
    userId,
    text: `insert into campaign_notes (chat_id, note_id, user_id, text)
      select chat_id, $3, user_id, $4 from chats where chat_id = $1 and user_id = $2
      returning note_id, text, created_at`,
    values: [chatId, userId, newId(), text],
  });
  if (row === undefined) throw new QuestlogError('chat_not_found', 'there is no such chat');
  return toNote(row);
}

/** The newest notes of a chat, at most `MAX_NOTES`, oldest first. None for a chat of another user. */
export async function getCampaignNotes(
  db: Queryable,
  chatId: string,
  userId: string,
): Promise<CampaignNote[]> {
  const rows = await query<NoteRow>(db, {
    userId,
    text: `select note_id, text, created_at from campaign_notes
      where chat_id = $1 and user_id = $2
      order by created_at desc, note_id desc limit $3`,
    values: [chatId, userId, MAX_NOTES],
  });
  return rows.map(toNote).reverse();
}

/**
 * Deletes a note; false when this chat of this user has no such note.
 *
 * @throws QuestlogError `invalid_request` for an id that cannot be one.
 */
export async function deleteCampaignNote(
  db: Queryable,
  chatId: string,
  userId: string,
  noteId: string,
): Promise<boolean> {
  assertText('note_id', noteId);
  const rows = await query(db, {
    userId,
    text: `delete from campaign_notes where chat_id = $1 and user_id = $2 and note_id = $3 returning note_id`,
    values: [chatId, userId, noteId],
  });
  return rows.length > 0;
}

function toNote(row: NoteRow): CampaignNote {
  return { noteId: row.note_id, text: row.text, createdAt: row.created_at };
}
