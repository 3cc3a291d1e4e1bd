import { useTexts } from '../texts/texts-provider.tsx';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, text, action, onConfirm, onClose }: ConfirmProps) {
  const { common } = useTexts();
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <form method="dialog">
        <button type="submit" className="button">
          {common.cancel}
        </button>
        <button type="submit" className="button danger" onClick={onConfirm}>
          {action}
        </button>
      </form>
    </Dialog>
  );
}
