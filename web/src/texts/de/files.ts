import { counted } from '../counted.ts';
import type { filesEn } from '../en/files.ts';
import { sized } from '../sized.ts';

/** What the page says of files. */
export const filesDe: typeof filesEn = {
  attach: 'Dateien anhängen',
  attached: 'Angehängte Dateien',
  count: (count) => counted('de', count, { one: 'Datei angehängt', other: 'Dateien angehängt' }),
  size: (bytes) => sized('de', bytes),
  remove: (name) => `${name} entfernen`,
  reading: (name) => `${name} wird gelesen …`,
  drop: 'Dateien hier ablegen, um sie anzuhängen',
  notKept: 'Dieser Browser speichert keine Dateien: Lass den Tab offen, bis sie gesendet sind.',
  untaken: {
    images: (agent) => `${agent} sieht keine Bilder. Entferne sie, um die Nachricht zu senden.`,
    files: (agent) => `${agent} liest von Dateien nur Text. Entferne die anderen zum Senden.`,
  },
  refused: {
    empty: (name) => `${name} ist leer.`,
    unreadable: (name) => `${name} lässt sich nicht lesen. Ordner können nicht angehängt werden.`,
    unknown_kind: (name) => `${name} ist weder ein Bild noch ein PDF noch ein Text.`,
    unknown_picture: (name) => `Dieser Browser kann ${name} nicht lesen. Speichere es als JPEG oder PNG.`,
    too_large: (name, size, limit) =>
      `${name} ist zu groß: Die Datei hat ${size}, Platz ist noch für ${limit}.`,
    too_many: (name, limit) => `${name} ist eine Datei zu viel: Eine Nachricht fasst ${limit}.`,
  },
  sending: (size) => `${size} werden gesendet …`,
  unnamed: { image: 'Bild', document: 'Datei', text: 'Text' },
  open: (name) => `${name} öffnen`,
  save: (name) => `${name} speichern`,
  close: 'Schließen',
  previous: 'Vorheriges Bild',
  next: 'Nächstes Bild',
};
