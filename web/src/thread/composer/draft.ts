import type { Files } from '../../files/files.ts';
import type { Written } from '../../outbox/outgoing.ts';
import { LONG_TEXT } from '../store/message.ts';
import type { KeptDrafts } from './kept-drafts.ts';
import { Writing } from './writing.ts';

const PAUSE_MS = 300;
/** A new chat has another id after a reload. */
const NEW_CHAT = 'new';

/** What the person is writing to a chat in this tab. It is still there after a reload, and when the tab was closed. */
export class Draft extends Writing {
  readonly #files: Files;
  readonly #drafts: KeptDrafts;
  #chat: string;
  #kept: Written;
  /** A long text is kept at most so often, and when the page goes. */
  #keeping: ReturnType<typeof setTimeout> | undefined;

  /** @param chatId undefined: a new chat. */
  constructor(files: Files, drafts: KeptDrafts, chatId: string | undefined) {
    const chat = chatId ?? NEW_CHAT;
    const kept = drafts.read(chat);
    super(files, kept);
    this.#files = files;
    this.#drafts = drafts;
    this.#chat = chat;
    this.#kept = kept;
    this.written.subscribe(() => this.#keep());
    void drafts.adopt(chat, (left) => this.putBefore(left)).catch(() => undefined);
  }

  /** The new chat that it belongs to is one that the server will know. */
  moveTo(chatId: string): void {
    const written = this.take();
    this.#chat = chatId;
    this.written.set(written);
  }

  #keep(): void {
    const before = this.#kept;
    const written = this.written.get();
    this.#kept = written;
    if (written.pasted !== before.pasted) this.#drafts.keep(this.#chat, 'pasted', orNone(written.pasted));
    if (written.files !== before.files) {
      // What is in this tab alone is gone after it.
      const files = written.files.filter((file) => this.#files.areKept([file]));
      this.#drafts.keep(this.#chat, 'files', orNone(files));
    }
    if (written.text.length < LONG_TEXT) this.#keepText();
    else if (this.#keeping === undefined) {
      this.#keeping = setTimeout(this.#keepText, PAUSE_MS);
      window.addEventListener('pagehide', this.#keepText);
    }
  }

  readonly #keepText = (): void => {
    clearTimeout(this.#keeping);
    window.removeEventListener('pagehide', this.#keepText);
    this.#keeping = undefined;
    this.#drafts.keep(this.#chat, 'text', this.written.get().text || undefined);
  };
}

function orNone<Value>(list: readonly Value[]): readonly Value[] | undefined {
  return list.length > 0 ? list : undefined;
}
