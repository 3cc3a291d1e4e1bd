import { useTexts } from '../texts/texts-provider.tsx';
import { isMac, type Keys } from './shortcuts.ts';

/** Says keys as they stand on the keyboard of the person: `Ctrl+K`, `Strg+K`, `⌘+K`. */
export function useKeyNames(): (keys: Keys) => string {
  const { keys: names } = useTexts();
  const known: Readonly<Record<string, string>> = { ...names, ...(isMac() ? { Mod: '⌘', Shift: '⇧' } : {}) };
  const nameOf = (key: string) => known[key] ?? key.toUpperCase();
  return ([first = '']) => first.split('+').map(nameOf).join('+');
}
