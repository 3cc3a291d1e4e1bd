import type { Signal } from 'questlog/client';
import { ownName } from '../config.ts';
import { pathOfChat } from '../navigation.ts';
import { locksOf } from '../outbox/alone.ts';
import type { Workspace } from '../workspace.ts';

/** Each tab of the page that the person sees holds it. */
const SEEN_LOCK = '-page-seen';

/** Notifies the person of what a run comes to while they see no tab of the page. */
export class Notifier {
  readonly #workspace: Workspace;
  /** What a chat without a title is called. */
  readonly #untitled: string;
  #leave: (() => void) | undefined;

  constructor(workspace: Workspace, untitled: string) {
    this.#workspace = workspace;
    this.#untitled = untitled;
  }

  /** Follows whether the person sees this tab. @returns ends it. */
  watch(): () => void {
    const see = () => {
      this.#leave?.();
      this.#leave = undefined;
      if (document.visibilityState === 'visible') this.#hold();
    };
    see();
    document.addEventListener('visibilitychange', see);
    return () => {
      document.removeEventListener('visibilitychange', see);
      this.#leave?.();
    };
  }

  async hear(signal: Signal): Promise<void> {
    if (signal.type !== 'run_awaiting_approval' && signal.type !== 'run_ended') return;
    // The person has stopped it.
    if (signal.type === 'run_ended' && signal.status === 'cancelled') return;
    if (document.visibilityState === 'visible' || Notification.permission !== 'granted') return;
    if (await isSeenElsewhere()) return;
    this.#show(signal.chat_id, await this.#titleOf(signal.chat_id));
  }

  /** With one tag for all tabs: what they show is one notification. */
  #show(chatId: string, title: string): void {
    const shown = new Notification(title, { tag: `questlog:${chatId}` });
    shown.onclick = () => {
      window.focus();
      this.#workspace.navigation.goTo(pathOfChat(chatId));
      shown.close();
    };
  }

  /** Of a chat that has changed just now: it is at the top of the list, unless that is searched. */
  async #titleOf(chatId: string): Promise<string> {
    const { chats } = this.#workspace;
    await chats.refresh();
    const listed = chats.state.get().chats.find(({ chat_id }) => chat_id === chatId);
    return listed?.title?.trim() || this.#untitled;
  }

  #hold(): void {
    const left = new Promise<void>((resolve) => {
      this.#leave = resolve;
    });
    void locksOf(navigator)?.request(ownName(SEEN_LOCK), { mode: 'shared' }, () => left);
  }
}

async function isSeenElsewhere(): Promise<boolean> {
  const { held = [] } = (await locksOf(navigator)?.query()) ?? {};
  return held.some(({ name }) => name === ownName(SEEN_LOCK));
}
