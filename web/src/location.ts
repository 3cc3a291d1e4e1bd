import { newId } from 'questlog/client';
import { Observable } from './observable.ts';

/** What the address of the page says. */
export type Place =
  | { readonly view: 'chat'; readonly chatId: string; readonly isNew: boolean }
  | { readonly view: 'deleted' };

/** A new chat has its id before it has anything else, so that its first message can be sent again safely. */
let nextChatId = newId();

export const place = new Observable<Place>(readPlace());

window.addEventListener('popstate', () => place.set(readPlace()));

/** Goes to a chat, or to the deleted ones; back and forward lead here again. */
export function goTo(path: string): void {
  if (path !== location.pathname) history.pushState(null, '', path);
  place.set(readPlace());
}

export function goToNewChat(): void {
  nextChatId = newId();
  goTo('/');
}

/** The new chat that is shown has its first message: from now on it has an address. */
export function nameNewChat(chatId: string): void {
  if (chatId !== nextChatId) return;
  nextChatId = newId();
  if (location.pathname === '/') goTo(pathOfChat(chatId));
}

export function pathOfChat(chatId: string): string {
  return `/c/${encodeURIComponent(chatId)}`;
}

function readPlace(): Place {
  const chatId = /^\/c\/([^/]+)\/?$/.exec(location.pathname)?.[1];
  if (chatId !== undefined) return { view: 'chat', chatId: decodeURIComponent(chatId), isNew: false };
  if (location.pathname === '/deleted') return { view: 'deleted' };
  return { view: 'chat', chatId: nextChatId, isNew: true };
}
