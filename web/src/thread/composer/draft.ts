import { Observable } from '../../observable.ts';
import type { Written } from '../../outbox/outgoing.ts';
import { readStored, store } from '../../storage.ts';
import { LONG_TEXT } from '../store/message.ts';

const PAUSE_MS = 300;
const EMPTY: Written = { text: '', pasted: [] };

/** What the person is writing to a chat. It is still there after a reload, and when the tab was closed. */
export class Draft {
  readonly written: Observable<Written>;
  readonly #person: string;
  #chat: string;
  /** A long text is kept at most so often, and when the page goes. */
  #keeping: ReturnType<typeof setTimeout> | undefined;

  /** @param chatId undefined: a new chat, which has another id after a reload. */
  constructor(person: string, chatId: string | undefined) {
    this.#person = encodeURIComponent(person);
    this.#chat = chatId ?? 'new';
    this.written = new Observable({
      text: readKept<string>(this.#keyOf('draft')) ?? EMPTY.text,
      pasted: readKept<string[]>(this.#keyOf('pasted')) ?? EMPTY.pasted,
    });
  }

  setText(text: string): void {
    this.#set({ ...this.written.get(), text });
  }

  addPasted(text: string): void {
    const { pasted } = this.written.get();
    this.#set({ ...this.written.get(), pasted: [...pasted, text] });
  }

  removePasted(index: number): void {
    const { pasted } = this.written.get();
    this.#set({ ...this.written.get(), pasted: pasted.toSpliced(index, 1) });
  }

  /** Empties it. @returns what stood there. */
  take(): Written {
    const written = this.written.get();
    this.#set(EMPTY);
    return written;
  }

  /** Puts what the person wrote before in front of what stands there. */
  putBefore(before: Written): void {
    const { text, pasted } = this.written.get();
    const texts = [before.text, text].filter((part) => part !== '');
    this.#set({ text: texts.join('\n\n'), pasted: [...before.pasted, ...pasted] });
  }

  /** The new chat that it belongs to is one that the server will know. */
  moveTo(chatId: string): void {
    const written = this.take();
    this.#chat = chatId;
    this.#set(written);
  }

  #set(written: Written): void {
    const { pasted } = this.written.get();
    this.written.set(written);
    // Apart: what is pasted is long, and does not change with every key.
    if (written.pasted !== pasted)
      keep(this.#keyOf('pasted'), written.pasted.length > 0 ? written.pasted : undefined);
    if (written.text.length < LONG_TEXT) this.#keepText();
    else if (this.#keeping === undefined) {
      this.#keeping = setTimeout(this.#keepText, PAUSE_MS);
      window.addEventListener('pagehide', this.#keepText);
    }
  }

  #keyOf(what: 'draft' | 'pasted'): string {
    return `${what}:${this.#person}:${this.#chat}`;
  }

  readonly #keepText = (): void => {
    clearTimeout(this.#keeping);
    window.removeEventListener('pagehide', this.#keepText);
    this.#keeping = undefined;
    keep(this.#keyOf('draft'), this.written.get().text || undefined);
  };
}

/** What another tab writes to the same chat is not this tab's. */
function readKept<Value>(key: string): Value | undefined {
  return readStored<Value>(key, 'sessionStorage') ?? readStored<Value>(key);
}

function keep(key: string, value: unknown): void {
  store(key, value, 'sessionStorage');
  store(key, value);
}
