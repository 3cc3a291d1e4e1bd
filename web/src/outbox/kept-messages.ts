import { Observable } from '../observable.ts';
import { listStored, readStored, STORED_PREFIX, store } from '../storage.ts';
import { inOrder, type Outgoing } from './outgoing.ts';

const PREFIX = 'outbox:';

/**
 * The messages that wait in this browser. Each has a place of its own in the storage that all tabs share, so that no tab
 * overwrites what another one adds.
 */
export class KeptMessages {
  readonly all = new Observable(inOrder(listStored<Outgoing>(PREFIX)));
  /** What the storage did not take is in this tab alone. */
  readonly #unstored = new Set<string>();

  /** Follows what other tabs do, and asks before what only this tab has is closed. */
  listen(signal: AbortSignal): void {
    const onStorage = ({ key }: StorageEvent) => {
      if (key?.startsWith(STORED_PREFIX + PREFIX)) this.get(key.slice((STORED_PREFIX + PREFIX).length));
    };
    window.addEventListener('storage', onStorage, { signal });
    const onLeave = (event: Event) => this.#unstored.size > 0 && event.preventDefault();
    window.addEventListener('beforeunload', onLeave, { signal });
  }

  /** A message as it is, whichever tab changed it last; undefined: it is gone. */
  get(key: string): Outgoing | undefined {
    if (this.#unstored.has(key)) return this.all.get().find((message) => message.key === key);
    const message = readStored<Outgoing>(PREFIX + key);
    this.#show(key, message);
    return message;
  }

  put(message: Outgoing): void {
    if (store(PREFIX + message.key, message)) this.#unstored.delete(message.key);
    else this.#unstored.add(message.key);
    this.#show(message.key, message);
  }

  remove(key: string): void {
    store(PREFIX + key, undefined);
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
