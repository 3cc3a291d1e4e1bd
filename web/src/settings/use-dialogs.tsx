import { type ReactNode, useState } from 'react';
import { useTexts } from '../texts/texts-provider.tsx';
import type { Toasts } from '../ui/toast-store.ts';
import type { DialogName, Dialogs } from './dialogs.tsx';

interface OpenDialogs {
  readonly dialogs: ReactNode;
  readonly openDialog: (name: DialogName) => void;
}

/** The dialogs of the page. They are fetched when the first one is opened. */
export function useDialogs(toasts: Toasts): OpenDialogs {
  const { settings } = useTexts();
  const [open, setOpen] = useState<readonly DialogName[]>([]);
  const [Loaded, setLoaded] = useState<typeof Dialogs>();
  const openDialog = (name: DialogName) => {
    import('./dialogs.tsx').then(
      (module) => {
        setLoaded(() => module.Dialogs);
        setOpen((others) => (others.includes(name) ? others : [...others, name]));
      },
      () => toasts.show(settings.notLoaded),
    );
  };
  return { dialogs: Loaded && <Loaded open={open} onChange={setOpen} />, openDialog };
}
