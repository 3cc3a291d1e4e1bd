import { DataDialog } from '../own-data/data-dialog.tsx';
import { ShortcutDialog } from '../shortcuts/shortcut-dialog.tsx';
import { SettingsDialog } from './settings-dialog.tsx';

export type DialogName = 'settings' | 'shortcuts' | 'data';

interface DialogsProps {
  /** Each before the one that it was opened from. */
  readonly open: readonly DialogName[];
  readonly onChange: (open: readonly DialogName[]) => void;
}

/** What stands before the page: it is fetched when the first one is opened. */
export function Dialogs({ open, onChange }: DialogsProps) {
  const show = (name: DialogName) => () => onChange([...open, name]);
  const close = (name: DialogName) => () => onChange(open.filter((other) => other !== name));
  return open.map((name) => {
    if (name === 'data') return <DataDialog key={name} onClose={close(name)} />;
    if (name === 'shortcuts') return <ShortcutDialog key={name} onClose={close(name)} />;
    return (
      <SettingsDialog
        key={name}
        onShortcuts={show('shortcuts')}
        onData={show('data')}
        onClose={close(name)}
      />
    );
  });
}
