import { Observable } from '../../observable.ts';
import type { Written } from '../../outbox/outgoing.ts';
import { readStored, store } from '../../storage.ts';
import { LONG_TEXT } from '../store/message.ts';

const PAUSE_MS = 300;
const EMPTY: Written = { text: '', pasted: [] };

/** What the person is writing to a chat. It is still there after a reload, and when the tab was closed. */
export class Draft {
  readonly written: Observable<Written>;
  #id: string;
  /** A long text is kept at most so often, and when the page goes. */
  #keeping: ReturnType<typeof setTimeout> | undefined;

  /** @param chatId undefined: a new chat, which has another id after a reload. */
  constructor(chatId: string | undefined) {
    this.#id = chatId ?? 'new';
    const text = readKept<string>(`draft:${this.#id}`) ?? EMPTY.text;
    this.written = new Observable({ text, pasted: readKept<string[]>(`pasted:${this.#id}`) ?? EMPTY.pasted });
    window.addEventListener('pagehide', () => this.#keeping !== undefined && this.#keepText());
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
    this.#id = chatId;
    this.#set(written);
  }

  #set(written: Written): void {
    const { pasted } = this.written.get();
    this.written.set(written);
    // Apart: what is pasted is long, and does not change with every key.
    if (written.pasted !== pasted)
      keep(`pasted:${this.#id}`, written.pasted.length > 0 ? written.pasted : undefined);
    if (written.text.length < LONG_TEXT) this.#keepText();
    else this.#keeping ??= setTimeout(this.#keepText, PAUSE_MS);
  }

  readonly #keepText = (): void => {
    clearTimeout(this.#keeping);
    this.#keeping = undefined;
    keep(`draft:${this.#id}`, this.written.get().text || undefined);
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
