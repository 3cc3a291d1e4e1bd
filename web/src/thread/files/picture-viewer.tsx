import { useEffect, useRef, useState } from 'react';
import { pictureOf, type ShownFile } from '../../files/file-part.ts';
import { save, toBlob } from '../../files/save-file.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { useFilePart } from './use-file-part.ts';

interface PictureViewerProps {
  readonly pictures: readonly ShownFile[];
  /** The place of the one that is shown first. */
  readonly first: number;
  readonly onClose: () => void;
}

/** One picture as large as the window, with arrows to the others. The browser keeps the focus inside, and Escape closes it. */
export function PictureViewer({ pictures, first, onClose }: PictureViewerProps) {
  const { files } = useTexts();
  const dialog = useRef<HTMLDialogElement>(null);
  const [at, setAt] = useState(first);
  const shown = pictures[at];
  const part = useFilePart(shown?.content);
  useEffect(() => dialog.current?.showModal(), []);
  if (shown === undefined) return null;
  const name = shown.name || files.unnamed.image;
  const content = part && toBlob(part);
  const go = (by: number) => setAt(Math.min(pictures.length - 1, Math.max(0, at + by)));
  return (
    <dialog
      ref={dialog}
      className="viewer"
      aria-label={name}
      onClose={onClose}
      onKeyDown={({ key }) => {
        if (key === 'ArrowLeft') go(-1);
        if (key === 'ArrowRight') go(1);
      }}
    >
      <header>
        <h2 dir="auto">{name}</h2>
        {content !== undefined && (
          <IconButton icon="download" label={files.save(name)} onClick={() => save(name, content)} />
        )}
        <IconButton icon="close" label={files.close} onClick={() => dialog.current?.close()} />
      </header>
      <img src={part && pictureOf(part)} alt={name} />
      {pictures.length > 1 && (
        <footer>
          <IconButton icon="back" label={files.previous} disabled={at === 0} onClick={() => go(-1)} />
          <span>
            {at + 1} / {pictures.length}
          </span>
          <IconButton
            icon="chevron"
            label={files.next}
            disabled={at === pictures.length - 1}
            onClick={() => go(1)}
          />
        </footer>
      )}
    </dialog>
  );
}
