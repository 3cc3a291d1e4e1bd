import { newId } from 'questlog/client';
import { isMentioned } from '../storage.ts';
import { keepValue, listKeys, readValue, removeValue } from './file-database.ts';
import { type AttachedFile, describeFile, type FilePart, type ShownFile } from './file-part.ts';

/** A file that nothing mentions may belong to what another tab has not sent. */
const SPARED_MS = 24 * 3_600_000;

/**
 * The files of what a person writes, from when they are attached until the server has them. They are in the browser's
 * database; what that does not take is in this tab alone.
 */
export class Files {
  readonly #prefix: string;
  readonly #unstored = new Map<string, FilePart>();

  /** @param person whose files these are. */
  constructor(person: string) {
    this.#prefix = `${encodeURIComponent(person)}:`;
    void this.#sweep().catch(() => undefined);
  }

  /** Keeps a file before it is shown as attached: what is shown outlives the tab. */
  async add(part: FilePart): Promise<AttachedFile> {
    const id = newId();
    await keepValue(this.#prefix + id, part).catch(() => this.#unstored.set(id, part));
    return { ...describeFile(part), id };
  }

  /** Keeps the files of a message once more, for another one. */
  async copy(files: readonly ShownFile[]): Promise<AttachedFile[]> {
    const parts = await Promise.all(
      files.map(({ content }) => (typeof content === 'string' ? this.read(content) : content)),
    );
    return Promise.all(parts.filter((part) => part !== undefined).map((part) => this.add(part)));
  }

  /** Whether all of these are kept when the tab is closed. */
  areKept(files: readonly AttachedFile[]): boolean {
    return files.every(({ id }) => !this.#unstored.has(id));
  }

  /** The data of a file; undefined: the browser has it no more. */
  async read(id: string): Promise<FilePart | undefined> {
    return this.#unstored.get(id) ?? (await readValue<FilePart>(this.#prefix + id).catch(() => undefined));
  }

  /** Forgets files that are not attached any more, unless another tab has them in what it writes. */
  remove(files: readonly AttachedFile[]): void {
    for (const { id } of files) {
      this.#unstored.delete(id);
      if (!isMentioned(id)) void removeValue(this.#prefix + id).catch(() => undefined);
    }
  }

  /** Forgets what a tab has left that ended in the middle of something. */
  async #sweep(): Promise<void> {
    for (const key of (await listKeys()).map(String)) {
      const id = key.slice(key.lastIndexOf(':') + 1);
      if (timeOf(id) < Date.now() - SPARED_MS && !isMentioned(id)) await removeValue(key);
    }
  }
}

/** When an id was made: it begins with that. */
function timeOf(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16);
}
