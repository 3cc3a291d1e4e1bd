import { Observable } from '../../observable.ts';
import { readStored, store } from '../../storage.ts';

/** What the person is writing to a chat. It is still there after a reload, and when the tab was closed. */
export class Draft {
  readonly text: Observable<string>;
  #key: string;

  /** @param chatId undefined: a new chat, which has another id after a reload. */
  constructor(chatId: string | undefined) {
    this.#key = keyOf(chatId);
    // What another tab writes to the same chat is not this tab's.
    const kept = readStored<string>(this.#key, 'sessionStorage') ?? readStored<string>(this.#key);
    this.text = new Observable(kept ?? '');
  }

  set(text: string): void {
    this.text.set(text);
    this.#keep(text);
  }

  /** Puts what the person wrote before in front of what stands there. */
  putBefore(text: string): void {
    this.set([text, this.text.get()].filter((part) => part !== '').join('\n\n'));
  }

  /** The new chat that it belongs to is one that the server will know. */
  moveTo(chatId: string): void {
    this.#keep('');
    this.#key = keyOf(chatId);
    this.#keep(this.text.get());
  }

  #keep(text: string): void {
    for (const place of ['sessionStorage', 'localStorage'] as const) {
      store(this.#key, text === '' ? undefined : text, place);
    }
  }
}

function keyOf(chatId: string | undefined): string {
  return `draft:${chatId ?? 'new'}`;
}
