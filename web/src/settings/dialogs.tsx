import { ShortcutDialog } from '../shortcuts/shortcut-dialog.tsx';
import { SettingsDialog } from './settings-dialog.tsx';

export type DialogName = 'settings' | 'shortcuts';

interface DialogsProps {
  /** Each before the one that it was opened from. */
  readonly open: readonly DialogName[];
  readonly onChange: (open: readonly DialogName[]) => void;
}

export function Dialogs({ open, onChange }: DialogsProps) {
  const close = (name: DialogName) => () => onChange(open.filter((other) => other !== name));
  return open.map((name) =>
    name === 'settings' ? (
      <SettingsDialog key={name} onShortcuts={() => onChange([...open, 'shortcuts'])} onClose={close(name)} />
    ) : (
      <ShortcutDialog key={name} onClose={close(name)} />
    ),
  );
}
