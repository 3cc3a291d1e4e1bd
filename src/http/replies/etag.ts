import type { Chat } from '../../store/chats/chats.ts';

/** The entity tag of a chat and its conversation (RFC 9110, 8.8.3). */
export function toETag({ version }: Pick<Chat, 'version'>): string {
  return `"${version}"`;
}

/** Whether `If-None-Match` says that the client has this version already (RFC 9110, 13.1.2: weak comparison). */
export function unchanged(header: string | undefined, chat: Chat): boolean {
  return header !== undefined && matches(header.replaceAll('W/', ''), toETag(chat));
}

/**
 * The version at which `If-Match` allows a change (RFC 9110, 13.1.1: strong comparison): undefined allows any.
 * A tag that is not the chat's gives a version that no chat has.
 */
export function matchingVersion(header: string | undefined, chat: Chat): string | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return matches(header, toETag(chat)) ? chat.version : 'none';
}

function matches(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => tag.trim() === etag);
}
