import type { Texts } from '../en.ts';

export const deSettings: Pick<Texts, 'settings' | 'keys'> = {
  settings: {
    title: 'Einstellungen',
    notLoaded: 'Dieser Teil der Seite konnte nicht geladen werden. Versuche es erneut.',
  },
  keys: {
    Mod: 'Strg',
    Shift: 'Umschalt',
    Enter: 'Eingabe',
    Escape: 'Esc',
    Home: 'Pos1',
    End: 'Ende',
    Delete: 'Entf',
    ArrowUp: '↑',
    ArrowDown: '↓',
    ArrowLeft: '←',
    ArrowRight: '→',
  },
};
