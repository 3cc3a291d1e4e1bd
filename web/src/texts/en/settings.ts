export const enSettings = {
  settings: {
    title: 'Settings',
    notLoaded: 'This part of the page could not be loaded. Try again.',
  },
  /** What stands on the keys of a keyboard. */
  keys: {
    Mod: 'Ctrl',
    Shift: 'Shift',
    Enter: 'Enter',
    Escape: 'Esc',
    Home: 'Home',
    End: 'End',
    Delete: 'Del',
    ArrowUp: '↑',
    ArrowDown: '↓',
    ArrowLeft: '←',
    ArrowRight: '→',
  },
};
