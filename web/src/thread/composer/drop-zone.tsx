import { useEffect, useRef, useState } from 'react';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';

/** Takes files that are dropped anywhere on the page, which would else open them in its place. Text stays the browser's. */
export function DropZone({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const { files } = useTexts();
  const [isOver, setOver] = useState(false);
  const callback = useRef(onFiles);
  callback.current = onFiles;
  useEffect(() => {
    const ended = new AbortController();
    const listen = <Name extends keyof WindowEventMap>(
      name: Name,
      listener: (event: WindowEventMap[Name]) => void,
    ) => window.addEventListener(name, listener, { signal: ended.signal });
    const drag = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    };
    listen('dragenter', drag);
    listen('dragover', drag);
    listen('drop', (event) => {
      setOver(false);
      const dropped = [...(event.dataTransfer?.files ?? [])];
      if (dropped.length === 0) return;
      event.preventDefault();
      callback.current(dropped);
    });
    listen('dragleave', ({ relatedTarget }) => relatedTarget === null && setOver(false));
    // While something is dragged the pointer does not move: a drag may end without a word.
    listen('pointermove', () => setOver(false));
    return () => ended.abort();
  }, []);
  if (!isOver) return null;
  return (
    <div className="drop-zone">
      <p>
        <Icon name="attach" /> {files.drop}
      </p>
    </div>
  );
}
