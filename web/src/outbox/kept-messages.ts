import type { Files } from '../files/files.ts';
import { Observable } from '../observable.ts';
import { listStored, readStored, store, storedKey } from '../storage.ts';
import { inOrder, type Outgoing } from './outgoing.ts';

/**
 * The messages of a person that wait in this browser. Each has a place of its own in the storage that all tabs share, so
 * that no tab overwrites what another one adds.
 */
export class KeptMessages {
  readonly all: Observable<Outgoing[]>;
  readonly #prefix: string;
  readonly #files: Files;
  /** What the storage did not take is in this tab alone. */
  readonly #unstored = new Set<string>();

  /** @param person whose tabs these are: another tab may be another person's. */
  constructor(person: string, files: Files) {
    this.#files = files;
    this.#prefix = `outbox:${encodeURIComponent(person)}:`;
    this.all = new Observable(inOrder(listStored<Outgoing>(this.#prefix)));
  }

  /** Follows what other tabs do, and asks before what only this tab has is closed. */
  listen(signal: AbortSignal): void {
    const prefix = storedKey(this.#prefix);
    const onStorage = ({ key }: StorageEvent) => {
      if (key?.startsWith(prefix)) this.get(key.slice(prefix.length));
    };
    window.addEventListener('storage', onStorage, { signal });
    const onLeave = (event: Event) => this.#unstored.size > 0 && event.preventDefault();
    window.addEventListener('beforeunload', onLeave, { signal });
  }

  /** A message as it is, whichever tab changed it last; undefined: it is gone. */
  get(key: string): Outgoing | undefined {
    if (this.#unstored.has(key)) return this.all.get().find((message) => message.key === key);
    const message = readStored<Outgoing>(this.#prefix + key);
    this.#show(key, message);
    return message;
  }

  put(message: Outgoing): void {
    // Another tab cannot send what it has no files of.
    const isStored = this.#files.areKept(message.files) && store(this.#prefix + message.key, message);
    if (isStored) this.#unstored.delete(message.key);
    else this.#unstored.add(message.key);
    this.#show(message.key, message);
  }

  remove(key: string): void {
    store(this.#prefix + key, undefined);
    this.#unstored.delete(key);
    this.#show(key, undefined);
  }

  #show(key: string, message: Outgoing | undefined): void {
    const shown = this.all.get();
    if (JSON.stringify(shown.find((other) => other.key === key)) === JSON.stringify(message)) return;
    const others = shown.filter((other) => other.key !== key);
    this.all.set(message === undefined ? others : inOrder([...others, message]));
  }
}
