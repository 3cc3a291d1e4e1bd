import { newId } from 'questlog/client';
import { ownName } from '../../config.ts';
import { alone, locksOf } from '../../outbox/alone.ts';
import { isNothing, NOTHING_WRITTEN, type Written } from '../../outbox/outgoing.ts';
import { keysWith, readStored, store } from '../../storage.ts';

/** Where each part of a draft is kept: what is pasted is long, and does not change with every key. */
const PLACES = { text: 'draft', pasted: 'pasted', files: 'files' } as const;
const PARTS = Object.keys(PLACES) as (keyof Written)[];

/** Whose lock a tab holds as long as it is open. */
const OPEN_TAB = '-tab:';
/** When a tab has let its lock go, in ms since 1970: one that is reloaded is soon back. */
const LEFT = 'left:';
const RELOAD_MS = 5_000;

/**
 * What the person is writing, chat by chat. Each tab has a place of its own, so that none overwrites what another one
 * has; what a closed tab has left is the next one's that shows the chat.
 */
export class KeptDrafts {
  readonly #person: string;
  /** As long as the tab is open, over reloads. */
  readonly #tab: string;

  constructor(person: string) {
    this.#person = encodeURIComponent(person);
    this.#tab = readStored<string>('tab', 'sessionStorage') ?? newId();
    store('tab', this.#tab, 'sessionStorage');
    for (const key of keysWith(LEFT)) if (!isJustNow(key)) store(key, undefined);
    window.addEventListener('pagehide', () => {
      // Unless the person has signed out, and nothing is kept.
      if (readStored('tab', 'sessionStorage') === this.#tab) store(LEFT + this.#tab, Date.now());
    });
    const forEver = () => new Promise(() => undefined);
    void locksOf(navigator)
      ?.request(ownName(OPEN_TAB + this.#tab), { mode: 'shared' }, forEver)
      .catch(() => undefined);
  }

  read(chat: string): Written {
    return this.#readOf(chat, this.#tab);
  }

  /** Undefined: there is nothing. */
  keep<Part extends keyof Written>(chat: string, part: Part, value: Written[Part] | undefined): void {
    store(this.#keyOf(part, chat, this.#tab), value);
  }

  /** Gives away what closed tabs have left of a chat: at once, but for those that may only be reloaded. */
  async adopt(chat: string, take: (written: Written) => void): Promise<void> {
    const mayComeBack = await alone('drafts', async () => {
      const open = await openTabs();
      const closed = [...this.#tabsWith(chat)].filter((tab) => tab !== this.#tab && !open.has(tab));
      const gone = closed.filter((tab) => !isJustNow(LEFT + tab));
      for (const tab of gone) {
        const left = this.#readOf(chat, tab);
        if (!isNothing(left)) take(left);
        for (const part of PARTS) store(this.#keyOf(part, chat, tab), undefined);
      }
      return gone.length < closed.length;
    });
    if (!mayComeBack) return;
    await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
    await this.adopt(chat, take);
  }

  #tabsWith(chat: string): Set<string> {
    const tabs = PARTS.flatMap((part) => {
      const shared = this.#keyOf(part, chat, '');
      const keys = keysWith(shared).filter((key) => key === shared || key[shared.length] === ':');
      return keys.map((key) => key.slice(shared.length + 1));
    });
    return new Set(tabs);
  }

  #readOf(chat: string, tab: string): Written {
    return {
      text: readStored(this.#keyOf('text', chat, tab)) ?? NOTHING_WRITTEN.text,
      pasted: readStored(this.#keyOf('pasted', chat, tab)) ?? NOTHING_WRITTEN.pasted,
      files: readStored(this.#keyOf('files', chat, tab)) ?? NOTHING_WRITTEN.files,
    };
  }

  #keyOf(part: keyof Written, chat: string, tab: string): string {
    const shared = `${PLACES[part]}:${this.#person}:${encodeURIComponent(chat)}`;
    // Tabs have shared one place before: that counts as a closed one's.
    return tab === '' ? shared : `${shared}:${tab}`;
  }
}

function isJustNow(key: string): boolean {
  const age = Date.now() - (readStored<number>(key) ?? Number.NEGATIVE_INFINITY);
  // A clock that was set back is no reason to wait.
  return age >= 0 && age < RELOAD_MS;
}

/** Where nobody knows, all but this one count as closed: what they have is shown twice rather than not at all. */
async function openTabs(): Promise<Set<string>> {
  const { held = [] } = (await locksOf(navigator)?.query()) ?? {};
  const prefix = ownName(OPEN_TAB);
  const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(prefix));
  return new Set(names.map((name) => name.slice(prefix.length)));
}
