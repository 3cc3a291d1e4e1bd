import { newId } from 'questlog/client';
import type { MouseEvent } from 'react';
import { pathOf, readPath } from './config.ts';
import { Observable } from './observable.ts';

/** What the address of the page says. */
export type Place =
  | {
      readonly view: 'chat';
      readonly chatId: string;
      readonly isNew: boolean;
      readonly at: number | undefined;
    }
  | { readonly view: 'deleted' | 'archived' }
  | { readonly view: 'nowhere' };

/** Where the page is, by its address. */
export class Navigation {
  /** A new chat has its id before it has anything else, so that its first message can be sent again safely. */
  #nextChatId = newId();
  readonly place = new Observable<Place>(this.#readPlace());

  /** Follows the browser's back and forward. @returns what ends it. */
  listen(): () => void {
    const read = () => this.place.set(this.#readPlace());
    window.addEventListener('popstate', read);
    return () => window.removeEventListener('popstate', read);
  }

  /** Goes to a chat, or to those that are put away; back and forward lead here again. */
  goTo(path: string): void {
    if (path !== location.pathname + location.search) history.pushState(null, '', path);
    this.place.set(this.#readPlace());
  }

  /** The person has gone on from the place in the chat that the address says. */
  leavePlace(): void {
    const place = this.place.get();
    if (place.view !== 'chat' || place.at === undefined) return;
    history.replaceState(null, '', location.pathname);
    this.place.set(this.#readPlace());
  }

  /** Goes where a link of the page leads, unless the person wants it elsewhere: in a tab of its own. */
  follow(event: MouseEvent<HTMLAnchorElement>): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const { pathname, search } = event.currentTarget;
    this.goTo(pathname + search);
  }

  goToNewChat(): void {
    this.#nextChatId = newId();
    this.goTo(pathOf('/'));
  }

  /** Gives the new chat that is shown an address: it has its first message. @returns whether it had none. */
  nameNewChat(chatId: string): boolean {
    if (chatId !== this.#nextChatId) return false;
    this.#nextChatId = newId();
    if (readPath() === '/') this.goTo(pathOfChat(chatId));
    return true;
  }

  #readPlace(): Place {
    const path = readPath();
    const chatId = /^\/c\/([^/]+)\/?$/.exec(path)?.[1];
    if (chatId !== undefined)
      return { view: 'chat', chatId: decodeURIComponent(chatId), isNew: false, at: readPosition() };
    if (path === '/deleted') return { view: 'deleted' };
    if (path === '/archived') return { view: 'archived' };
    if (path !== '/') return { view: 'nowhere' };
    return { view: 'chat', chatId: this.#nextChatId, isNew: true, at: undefined };
  }
}

/** @param position of the item in it to go to. */
export function pathOfChat(chatId: string, position?: number | null): string {
  return `${pathOf('/c/')}${encodeURIComponent(chatId)}${position == null ? '' : `?at=${position}`}`;
}

/** As far as positions go; what else stands there is no place. */
function readPosition(): number | undefined {
  const at = new URLSearchParams(location.search).get('at');
  return at !== null && /^\d{1,9}$/.test(at) ? Number(at) : undefined;
}
