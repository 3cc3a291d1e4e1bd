import { useEffect, useRef } from 'react';
import { useTexts } from '../texts/texts-provider.tsx';

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be taken back. The browser keeps the focus inside, and Escape closes it. */
export function Confirm({ title, text, action, onConfirm, onClose }: ConfirmProps) {
  const { common } = useTexts();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="confirm" aria-labelledby="confirm-title" onClose={onClose}>
      <h2 id="confirm-title">{title}</h2>
      <p>{text}</p>
      <form method="dialog">
        <button type="submit" className="button">
          {common.cancel}
        </button>
        <button type="submit" className="button danger" onClick={onConfirm}>
          {action}
        </button>
      </form>
    </dialog>
  );
}
