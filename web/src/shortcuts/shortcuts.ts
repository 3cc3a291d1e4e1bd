import type { Settings } from '../settings/settings.ts';

/**
 * Keys that are pressed together, one of several ways: `Mod+k`. `Mod` is Ctrl, and Command on a Mac; the last is as in
 * `KeyboardEvent.key`.
 */
export type Keys = readonly string[];

/** What keys do, by name. */
export type Shortcuts<Name extends string = string> = Readonly<Record<Name, Keys>>;

/** All that keys do on the page. Who listens for keys finds them here, and so does the list that people read. */
export const SHORTCUTS = {
  page: {
    newChat: ['Mod+Shift+o'],
    search: ['Mod+k'],
    settings: ['Mod+,'],
    shortcuts: ['?'],
  },
  chat: {
    first: ['Mod+Home'],
    newest: ['Mod+End'],
  },
  answer: {
    stop: ['Escape'],
  },
  editing: {
    keep: ['Enter'],
    discard: ['Escape'],
  },
  search: {
    results: ['ArrowDown'],
    clear: ['Escape'],
  },
  list: {
    next: ['ArrowDown'],
    previous: ['ArrowUp'],
    top: ['Home'],
    bottom: ['End'],
    right: ['ArrowRight'],
    left: ['ArrowLeft'],
  },
  row: {
    rename: ['F2'],
    pin: ['p'],
    archive: ['a'],
    delete: ['Delete'],
  },
} as const satisfies Readonly<Record<string, Shortcuts>>;

/** What keys do where the person writes. */
export const WRITING: Readonly<Record<Settings['sendKey'], Shortcuts<'send' | 'newLine'>>> = {
  enter: { send: ['Enter', 'Mod+Enter'], newLine: ['Shift+Enter'] },
  'mod-enter': { send: ['Mod+Enter'], newLine: ['Enter', 'Shift+Enter'] },
};

/** What a keyboard event says of the keys, whoever brings it. */
type Pressed = Pick<
  KeyboardEvent,
  'key' | 'code' | 'keyCode' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing'
>;

/** In Safari the Enter that ends a composition comes after it, with the code of keys that an input method handles. */
const HANDLED_BY_INPUT_METHOD = 229;

/** Which of these shortcuts was pressed. An input method's keys are its own. */
export function shortcutOf<Name extends string>(
  shortcuts: Shortcuts<Name>,
  pressed: Pressed,
): Name | undefined {
  if (pressed.isComposing || pressed.keyCode === HANDLED_BY_INPUT_METHOD) return undefined;
  const names = Object.keys(shortcuts) as Name[];
  return names.find((name) => shortcuts[name].some((keys) => isPressed(keys, pressed)));
}

/** The ways to press a shortcut that the person has not turned off. */
export function usable(keys: Keys, { singleKeys }: Pick<Settings, 'singleKeys'>): Keys {
  return singleKeys === 'on' ? keys : keys.filter((way) => way.length > 1);
}

/** On a Mac what is Ctrl elsewhere is Command, and Ctrl moves through text. */
export function isMac(): boolean {
  return /mac|iphone|ipad/i.test(navigator.platform);
}

function isPressed(keys: string, pressed: Pressed): boolean {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const isMod = parts.includes('Mod');
  if (pressed.altKey || pressed.ctrlKey !== (isMod && !isMac()) || pressed.metaKey !== (isMod && isMac()))
    return false;
  // Where a sign is on a keyboard, with Shift or without, its layout decides.
  return isKey(key, pressed) && (isSign(key) || pressed.shiftKey === parts.includes('Shift'));
}

function isSign(key: string): boolean {
  return /^\P{L}$/u.test(key);
}

/** Layouts without Latin letters have those of shortcuts where others do, and a question mark of their own. */
function isKey(key: string, pressed: Pressed): boolean {
  if (pressed.key.toLowerCase() === key.toLowerCase()) return true;
  if (key === '?') return pressed.key === '؟' || pressed.key === '？';
  const isOtherScript = /^[^\x20-\x7e]$/.test(pressed.key);
  return isOtherScript && pressed.code === `Key${key.toUpperCase()}`;
}
