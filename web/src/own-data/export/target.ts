import { save } from '../../files/save-file.ts';

/** Where a file goes, piece by piece. */
export interface Target {
  write(piece: Uint8Array<ArrayBuffer>): Promise<void>;
  /** It is whole. */
  close(): Promise<void>;
  /** It will not be whole: nothing of it is kept. */
  drop(): Promise<void>;
}

/** What browsers have that let a page write to a file of the person's. */
interface FilePicker {
  readonly showSaveFilePicker?: (options: { readonly suggestedName: string }) => Promise<PickedFile>;
}

interface PickedFile extends Pick<FileSystemFileHandle, 'createWritable'> {
  remove?(): Promise<void>;
}

/** Pieces become a `Blob`, which a browser may put on its disk. */
const PIECE_BYTES = 4_000_000;

/**
 * Asks the person for a place where the browser can write while more comes; where it cannot, it keeps the pieces itself
 * and saves them when all are there.
 *
 * @throws the browser's `AbortError` when the person wants no file.
 */
export async function chooseTarget(name: string, type: string): Promise<Target> {
  const { showSaveFilePicker } = window as FilePicker;
  if (showSaveFilePicker === undefined) return collect(name, type);
  const file = await showSaveFilePicker.call(window, { suggestedName: name });
  const writable = await file.createWritable();
  return {
    write: (piece) => writable.write(piece),
    close: () => writable.close(),
    drop: async () => {
      await writable.abort().catch(() => undefined);
      await file.remove?.().catch(() => undefined);
    },
  };
}

function collect(name: string, type: string): Target {
  const blobs: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const pack = () => {
    blobs.push(new Blob(pieces));
    pieces = [];
    bytes = 0;
  };
  return {
    write: async (piece) => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= PIECE_BYTES) pack();
    },
    close: async () => {
      pack();
      save(name, new Blob(blobs, { type }));
    },
    drop: async () => {
      pieces = [];
      blobs.length = 0;
    },
  };
}
