import type { dialogsEn } from '../en/dialogs.ts';

/** The same in German. */
export const dialogsDe: typeof dialogsEn = {
  settings: {
    title: 'Einstellungen',
    done: 'Fertig',
    data: 'Deine Daten',
    theme: 'Darstellung',
    themes: { system: 'Wie im System', light: 'Hell', dark: 'Dunkel' },
    textSize: 'Textgröße',
    textSizes: { small: 'Klein', normal: 'Normal', large: 'Groß', largest: 'Sehr groß' },
    language: 'Sprache',
    browsers: 'Wie im Browser',
    sendKey: 'Senden mit',
    singleKeys: 'Tastenkürzel mit nur einer Taste (?, P, A)',
    onOrOff: { on: 'An', off: 'Aus' },
    notify: 'Benachrichtige mich, wenn eine Antwort fertig ist',
    notifyRefused:
      'Dein Browser erlaubt dieser Seite keine Benachrichtigungen. Ändern kannst du das dort, wo er sich etwas zu dieser Seite merkt.',
    notifyMissing: 'Dieser Browser kann dich zu dieser Seite nicht benachrichtigen.',
  },
  shortcuts: {
    title: 'Tastenkürzel',
    page: 'Überall',
    inPage: {
      newChat: 'Neuer Chat',
      search: 'Chats durchsuchen',
      settings: 'Einstellungen',
      shortcuts: 'Diese Tastenkürzel anzeigen',
    },
    chat: 'In einem Chat',
    inChat: {
      first: 'Zur ersten Nachricht',
      newest: 'Zur neuesten Nachricht',
      stop: 'Antwort stoppen',
    },
    writing: 'Beim Schreiben',
    inWriting: { send: 'Senden', newLine: 'Neue Zeile' },
    editing: 'Beim Ändern eines Titels oder einer Nachricht',
    inEditing: { keep: 'Änderung übernehmen', discard: 'Änderung verwerfen' },
    search: 'Im Suchfeld',
    inSearch: { results: 'Zu den Ergebnissen', clear: 'Suchfeld leeren' },
    list: 'In der Chatliste',
    inList: {
      next: 'Nächster Chat',
      previous: 'Vorheriger Chat',
      top: 'Erster Chat',
      bottom: 'Letzter Chat',
      right: 'Zu den Schaltflächen eines Chats',
      left: 'Zurück zum Chat',
      rename: 'Umbenennen',
      pin: 'Anheften oder loslösen',
      archive: 'Archivieren',
      delete: 'Löschen',
    },
  },
};
