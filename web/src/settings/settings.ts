import type { Language } from '../texts/languages.ts';

/** How the person wants the page to be, in this browser. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  readonly textSize: 'small' | 'normal' | 'large' | 'largest';
  readonly language: 'system' | Language;
  /** What sends a message: `mod-enter` is Enter with Ctrl, or with Command on a Mac. */
  readonly sendKey: 'enter' | 'mod-enter';
  /** Whether a sign alone is a shortcut: who dictates enters signs that they did not mean so. */
  readonly singleKeys: 'on' | 'off';
  /** Whether the browser notifies the person of answers that end in a tab that they do not see. */
  readonly notify: 'off' | 'on';
}

/** Under which they are kept. */
export const SETTINGS = 'settings';
