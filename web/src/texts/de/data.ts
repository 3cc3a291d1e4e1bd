import { counted } from '../counted.ts';
import type { DataTexts } from '../en/data.ts';
import { sized } from '../sized.ts';
import { dialogsDe } from './dialogs.ts';

const chats = (count: number) => counted('de', count, { one: 'Chat', other: 'Chats' });
const messages = (count: number) => counted('de', count, { one: 'Eintrag', other: 'Einträgen' });
const days = (count: number) => counted('de', count, { one: 'Tag', other: 'Tagen' });

/** The same in German. */
export const dataDe: DataTexts = {
  ...dialogsDe,
  stop: 'Anhalten',
  stopped: 'Angehalten.',
  failures: {
    export_cut_off: 'Der Export ist abgebrochen. Die Datei ist nicht vollständig.',
    payload_too_large: 'Ein Chat in dieser Datei ist größer, als dieser Server annimmt.',
    chat_busy: 'Es wird noch etwas geschrieben. Stoppe die Antworten in anderen Tabs und versuche es erneut.',
  },
  exporting: {
    title: 'Exportieren',
    what: 'Alle Chats als Datei, auch archivierte und gelöschte.',
    form: 'Als',
    forms: { jsonl: 'JSON Lines, zum Wiedereinlesen', markdown: 'Markdown, zum Lesen' },
    start: 'Alles exportieren',
    going: (count, total, bytes) => `${chats(count)} von ${total}, ${sized('de', bytes)} …`,
    done: (count, bytes) => `${chats(count)} exportiert, ${sized('de', bytes)}.`,
    leftOut: (count) =>
      `${chats(count)} haben sich ständig geändert und fehlen darin. Exportiere später noch einmal.`,
  },
  importing: {
    title: 'Importieren',
    what: 'Ein Export von Questlog oder conversations.json von ChatGPT. Nichts ist danach doppelt: Dieselbe Datei kann noch einmal importiert werden.',
    choose: 'Dateien auswählen',
    looking: (count) => `Die Dateien werden durchgesehen: bisher ${chats(count)} …`,
    going: (count, total) => `${chats(count)} von ${total} …`,
    will: (count, items) => `${chats(count)} mit ${messages(items)} kommen dazu.`,
    came: (count, items) => `${chats(count)} mit ${messages(items)} importiert.`,
    known: (count) => `${chats(count)} schon vorhanden: Sie bleiben, wie sie sind.`,
    skipped: (count) => `${chats(count)} nicht importierbar:`,
    changed: (count) => `Nicht ganz wie zuvor (${count}):`,
    more: (count) => `… und ${count} weitere`,
    cutOff: (name) => `${name} ist unvollständig: Was darin ganz ist, kommt dazu.`,
    start: (count) => `${chats(count)} importieren`,
    nothing: 'Es gibt nichts Neues zu importieren.',
    empty: (name) => `${name} ist leer.`,
    zip: (name) => `${name} ist ein ZIP-Archiv. Entpacke es und wähle conversations.json aus.`,
    unknown: (name) => `${name} ist weder ein Export von Questlog noch einer von ChatGPT.`,
    unreadable: (name) => `${name} konnte nicht gelesen werden.`,
    refused: (name, why) => `${name}: ${why}`,
  },
  retention: {
    title: 'Wie lange Chats bleiben',
    label: 'Chats ohne Aktivität entfernen',
    never: 'Nie',
    days: (count) => `Nach ${days(count)}`,
    warning: (count) =>
      `Chats, in denen ${counted('de', count, { one: 'Tag', other: 'Tage' })} lang nichts geschehen ist, werden endgültig gelöscht, auch angeheftete und archivierte: die ersten innerhalb einer Stunde.`,
    stays: 'Der Server kann Chats früher entfernen, als du es hier festlegst.',
    save: 'Speichern',
    saved: 'Gespeichert.',
  },
  erasing: {
    title: 'Alles löschen',
    what: 'Alles, was von dir gespeichert ist, wird entfernt: hier und auf dem Server.',
    open: 'Alles von mir löschen',
    goes: 'Endgültig gelöscht werden:',
    loses: (count) => `${chats(count)} mit allen Nachrichten, auch archivierte und gelöschte`,
    losesRest: [
      'andere Fassungen von Antworten, Bewertungen, Tags und der Verbrauch der Antworten',
      'die Einstellung, wie lange Chats bleiben',
      'in diesem Browser: Entwürfe, Dateien, nicht gesendete Nachrichten und was gelesen wurde',
    ],
    word: 'löschen',
    type: 'Gib {word} ein, um fortzufahren',
    first: 'Exportiere vorher alles, wenn du es vielleicht noch einmal brauchst.',
    action: 'Endgültig alles löschen',
    going: 'Wird gelöscht …',
    done: 'Es ist alles weg.',
    anew: 'Neu anfangen',
  },
  details: {
    title: 'Tags und Einzelheiten',
    tags: 'Schlagwörter (Tags)',
    add: 'Neues Tag',
    addAction: 'Hinzufügen',
    remove: (tag) => `Tag ${tag} entfernen`,
    show: (name) => `Chats mit ${name} anzeigen`,
    none: 'Noch keine Tags.',
    tooMany: 'Ein Chat hat höchstens 50 Tags.',
    expiry: 'Diesen Chat entfernen am',
    expiryHint: 'Er wird innerhalb der Stunde danach endgültig gelöscht. Ohne Datum bleibt er.',
    over: 'Dieser Zeitpunkt ist schon vorbei.',
    stays: 'Datum entfernen',
    metadata: 'Angaben von Anwendungen',
    key: 'Bezeichnung',
    value: 'Wert',
    save: 'Speichern',
    saved: (title) => `„${title}“ wurde geändert.`,
    notSaved: 'Der Chat konnte nicht geändert werden.',
  },
};
