import { counted } from '../counted.ts';
import { sized } from '../sized.ts';
import { dialogsEn } from './dialogs.ts';

const chats = (count: number) => counted('en', count, { one: 'chat', other: 'chats' });
const messages = (count: number) => counted('en', count, { one: 'entry', other: 'entries' });
const days = (count: number) => counted('en', count, { one: 'day', other: 'days' });

/** What the page says of all that a person has, and of what belongs to one chat: it comes with what shows it. */
export const dataEn = {
  ...dialogsEn,
  stop: 'Stop',
  stopped: 'Stopped.',
  failures: {
    export_cut_off: 'The export was cut off. The file is not whole.',
    payload_too_large: 'A chat in this file is larger than this server takes.',
    chat_busy: 'Something is still being written. Stop the answers in other tabs and try again.',
  },
  exporting: {
    title: 'Export',
    what: 'All chats, archived and deleted ones too, as a file.',
    form: 'As',
    forms: { jsonl: 'JSON Lines, to import again', markdown: 'Markdown, to read' },
    start: 'Export everything',
    going: (count: number, total: number, bytes: number) =>
      `${chats(count)} of ${total}, ${sized('en', bytes)}…`,
    done: (count: number, bytes: number) => `${chats(count)} exported, ${sized('en', bytes)}.`,
    leftOut: (count: number) =>
      `${chats(count)} changed all the time and are not in it. Export once more later.`,
  },
  importing: {
    title: 'Import',
    what: 'An export of Questlog, or conversations.json of ChatGPT. Nothing is there twice: the same file can be imported again.',
    choose: 'Choose files',
    looking: (count: number) => `Looking through the files: ${chats(count)} so far…`,
    going: (count: number, total: number) => `${chats(count)} of ${total}…`,
    will: (count: number, items: number) => `${chats(count)} will come, with ${messages(items)}.`,
    came: (count: number, items: number) => `${chats(count)} imported, with ${messages(items)}.`,
    known: (count: number) => `${chats(count)} already here: they stay as they are.`,
    skipped: (count: number) => `${chats(count)} cannot come:`,
    changed: (count: number) => `Not quite as before (${count}):`,
    more: (count: number) => `… and ${count} more`,
    cutOff: (name: string) => `${name} was cut off: what is whole in it comes.`,
    start: (count: number) => `Import ${chats(count)}`,
    nothing: 'There is nothing new to import.',
    empty: (name: string) => `${name} is empty.`,
    zip: (name: string) => `${name} is a ZIP archive. Unpack it, and choose conversations.json.`,
    unknown: (name: string) => `${name} is neither an export of Questlog nor one of ChatGPT.`,
    unreadable: (name: string) => `${name} could not be read.`,
    refused: (name: string, why: string) => `${name}: ${why}`,
  },
  retention: {
    title: 'How long chats stay',
    label: 'Remove chats without activity',
    never: 'Never',
    days: (count: number) => `After ${days(count)}`,
    warning: (count: number) =>
      `Chats that had no activity for ${days(count)} are removed for good, pinned and archived ones too: the first ones within the hour.`,
    stays: 'A server may remove chats sooner than you say here.',
    save: 'Save',
    saved: 'Saved.',
  },
  erasing: {
    title: 'Delete everything',
    what: 'Everything that is stored of you is removed, here and on the server.',
    open: 'Delete everything of mine',
    goes: 'What goes, for good:',
    loses: (count: number) => `${chats(count)} with all messages, archived and deleted ones too`,
    losesRest: [
      'other versions of answers, ratings, tags, and what the answers have used',
      'how long your chats stay',
      'in this browser: drafts, files, messages that were not sent, and what was read',
    ],
    word: 'delete',
    type: 'To go on, type {word}',
    first: 'Export everything first, if you may want it again.',
    action: 'Delete everything',
    going: 'Deleting…',
    done: 'Everything is gone.',
    anew: 'Begin anew',
  },
  details: {
    title: 'Tags and details',
    tags: 'Tags',
    add: 'New tag',
    addAction: 'Add',
    remove: (tag: string) => `Remove the tag ${tag}`,
    show: (name: string) => `Show the chats with ${name}`,
    none: 'No tags yet.',
    tooMany: 'A chat has at most 50 tags.',
    expiry: 'Remove this chat on',
    expiryHint: 'It is removed for good within the hour after. Without a date it stays.',
    over: 'This time is over already.',
    stays: 'Clear the date',
    metadata: 'Details that apps keep',
    key: 'Name',
    value: 'Value',
    save: 'Save',
    saved: (title: string) => `“${title}” was changed.`,
    notSaved: 'The chat could not be changed.',
  },
};

export type DataTexts = typeof dataEn;
