import { useEffect, useRef } from 'react';
import { useSettings } from '../settings/settings-context.ts';
import { type Shortcuts, shortcutOf, usable } from './shortcuts.ts';

/** What a shortcut does. @returns false: nothing, and the browser may do what it would. */
type Handlers<Name extends string> = Readonly<Record<Name, (event: KeyboardEvent) => unknown>>;

/** Does what shortcuts say wherever they are pressed, but where the keys are for what is written, or before a dialog. */
export function useShortcuts<Name extends string>(
  shortcuts: Shortcuts<Name>,
  handlers: Handlers<Name>,
): void {
  const { chosen } = useSettings();
  const current = useRef(handlers);
  current.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const name = shortcutOf(shortcuts, event);
      if (name === undefined || isForText(event) || document.querySelector('dialog[open]') !== null) return;
      const isOff = usable(shortcuts[name], chosen.get()).length === 0;
      if (!isOff && current.current[name](event) !== false) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [shortcuts, chosen]);
}

/** A sign is written, and keys that move go through what is written. */
function isForText({ target, key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  const isText = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  if (!isText) return target instanceof HTMLSelectElement && key.length === 1;
  if (key === 'Home' || key === 'End') return target.value !== '';
  return key.length === 1 && !ctrlKey && !metaKey;
}
