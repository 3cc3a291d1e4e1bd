import type { ShownFile } from '../../files/file-part.ts';
import type { Files } from '../../files/files.ts';
import { MOST_BYTES, MOST_FILES } from '../../files/limits.ts';
import { type RefusedFile, readFile } from '../../files/read-file.ts';
import { Observable } from '../../observable.ts';
import { NOTHING_WRITTEN, type Written } from '../../outbox/outgoing.ts';

/** Files on their way into what is written. */
interface Incoming {
  /** The names of those that are being read. */
  readonly reading: readonly string[];
  readonly refused: readonly RefusedFile[];
}

/** What the person writes: a text, long texts that they paste, files. */
export class Writing {
  readonly written: Observable<Written>;
  readonly incoming = new Observable<Incoming>({ reading: [], refused: [] });
  readonly #files: Files;
  #attaching: Promise<void> = Promise.resolve();

  constructor(files: Files, written: Written = NOTHING_WRITTEN) {
    this.#files = files;
    this.written = new Observable(written);
  }

  setText(text: string): void {
    this.written.update({ text });
  }

  addPasted(text: string): void {
    this.written.update({ pasted: [...this.written.get().pasted, text] });
  }

  removePasted(index: number): void {
    this.written.update({ pasted: this.written.get().pasted.toSpliced(index, 1) });
  }

  /** Attaches files one after the other, as far as they can be sent. */
  attach(given: readonly File[]): void {
    const { reading } = this.incoming.get();
    this.incoming.set({ reading: [...reading, ...given.map(({ name }) => name)], refused: [] });
    for (const file of given) this.#attaching = this.#attaching.then(() => this.#attach(file));
  }

  /** Attaches the files of a message once more. */
  attachAgain(shown: readonly ShownFile[]): void {
    this.#attaching = this.#attaching.then(async () => {
      const files = await this.#files.copy(shown);
      this.written.update({ files: [...this.written.get().files, ...files] });
    });
  }

  removeFile(id: string): void {
    const { files } = this.written.get();
    this.written.update({ files: files.filter((file) => file.id !== id) });
    this.#files.remove(files.filter((file) => file.id === id));
  }

  dismissRefused(): void {
    this.incoming.update({ refused: [] });
  }

  /** Waits until all files are attached. @returns false: one of them could not be, and the person should know first. */
  async isReady(): Promise<boolean> {
    const waits = this.incoming.get().reading.length > 0;
    for (let last: unknown; last !== this.#attaching; ) {
      last = this.#attaching;
      await last;
    }
    return !waits || this.incoming.get().refused.length === 0;
  }

  /** Empties it. @returns what stood there. */
  take(): Written {
    const written = this.written.get();
    this.written.set(NOTHING_WRITTEN);
    this.dismissRefused();
    return written;
  }

  /** Empties it for good. */
  discard(): void {
    this.#files.remove(this.take().files);
  }

  /** Puts what the person wrote before in front of what stands there. */
  putBefore(before: Written): void {
    const { text, pasted, files } = this.written.get();
    const texts = [before.text, text].filter((part) => part !== '');
    this.written.set({
      text: texts.join('\n\n'),
      pasted: [...before.pasted, ...pasted],
      files: [...before.files, ...files],
    });
  }

  async #attach(file: File): Promise<void> {
    const unreadable: RefusedFile = { name: file.name, why: 'unreadable', size: file.size, limit: 0 };
    const read = await readFile(file).catch(() => unreadable);
    const refused = 'why' in read ? read : await this.#add(read);
    const now = this.incoming.get();
    const at = now.reading.indexOf(file.name);
    this.incoming.set({
      reading: now.reading.toSpliced(at, 1),
      refused: refused === undefined ? now.refused : [...now.refused, refused],
    });
  }

  async #add(part: Parameters<Files['add']>[0]): Promise<RefusedFile | undefined> {
    const file = await this.#files.add(part);
    const { files } = this.written.get();
    const room = MOST_BYTES - files.reduce((sum, { size }) => sum + size, 0);
    const { name, size } = file;
    if (files.length < MOST_FILES && size <= room) {
      this.written.update({ files: [...files, file] });
      return undefined;
    }
    this.#files.remove([file]);
    if (files.length < MOST_FILES) return { name, why: 'too_large', size, limit: room };
    return { name, why: 'too_many', size, limit: MOST_FILES };
  }
}
