import { useEffect, useState } from 'react';
import type { FilePart, ShownFile } from '../../files/file-part.ts';
import { useWorkspace } from '../../workspace.ts';

/** The data of a file of a message; undefined while it is read, and when it is gone. */
export function useFilePart(content: ShownFile['content'] | undefined): FilePart | undefined {
  const { files } = useWorkspace();
  const [part, setPart] = useState<FilePart>();
  useEffect(() => {
    if (typeof content !== 'string') return;
    let isCurrent = true;
    void files.read(content).then((read) => isCurrent && setPart(read));
    return () => {
      isCurrent = false;
    };
  }, [files, content]);
  return typeof content === 'object' ? content : part;
}
