import type { AttachedFile } from '../../files/file-part.ts';
import type { Files } from '../../files/files.ts';
import { NOTHING_WRITTEN, type Written } from '../../outbox/outgoing.ts';
import { readStored, store } from '../../storage.ts';
import { LONG_TEXT } from '../store/message.ts';
import { Writing } from './writing.ts';

const PAUSE_MS = 300;
/** Where each part of it is kept: what is pasted is long, and does not change with every key. */
const PLACES = { text: 'draft', pasted: 'pasted', files: 'files' } as const;

/** What the person is writing to a chat. It is still there after a reload, and when the tab was closed. */
export class Draft extends Writing {
  readonly #files: Files;
  readonly #person: string;
  #chat: string;
  #kept: Written;
  /** A long text is kept at most so often, and when the page goes. */
  #keeping: ReturnType<typeof setTimeout> | undefined;

  /** @param chatId undefined: a new chat, which has another id after a reload. */
  constructor(files: Files, person: string, chatId: string | undefined) {
    const owner = encodeURIComponent(person);
    const chat = chatId ?? 'new';
    const kept = {
      text: readKept<string>(keyOf('text', owner, chat)) ?? NOTHING_WRITTEN.text,
      pasted: readKept<string[]>(keyOf('pasted', owner, chat)) ?? NOTHING_WRITTEN.pasted,
      files: readKept<AttachedFile[]>(keyOf('files', owner, chat)) ?? NOTHING_WRITTEN.files,
    };
    super(files, kept);
    this.#files = files;
    this.#person = owner;
    this.#chat = chat;
    this.#kept = kept;
    this.written.subscribe(() => this.#keep());
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
    if (written.pasted !== before.pasted) this.#keepList('pasted', written.pasted);
    // What is in this tab alone is gone after it.
    if (written.files !== before.files)
      this.#keepList(
        'files',
        written.files.filter((file) => this.#files.areKept([file])),
      );
    if (written.text.length < LONG_TEXT) this.#keepText();
    else if (this.#keeping === undefined) {
      this.#keeping = setTimeout(this.#keepText, PAUSE_MS);
      window.addEventListener('pagehide', this.#keepText);
    }
  }

  #keepList(part: 'pasted' | 'files', list: readonly unknown[]): void {
    keep(keyOf(part, this.#person, this.#chat), list.length > 0 ? list : undefined);
  }

  readonly #keepText = (): void => {
    clearTimeout(this.#keeping);
    window.removeEventListener('pagehide', this.#keepText);
    this.#keeping = undefined;
    keep(keyOf('text', this.#person, this.#chat), this.written.get().text || undefined);
  };
}

function keyOf(part: keyof Written, person: string, chat: string): string {
  return `${PLACES[part]}:${person}:${chat}`;
}

/** What another tab writes to the same chat is not this tab's. */
function readKept<Value>(key: string): Value | undefined {
  return readStored<Value>(key, 'sessionStorage') ?? readStored<Value>(key);
}

function keep(key: string, value: unknown): void {
  store(key, value, 'sessionStorage');
  store(key, value);
}
