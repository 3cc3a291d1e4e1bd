import type { Chat } from '../../store/chats/chats.ts';

/** The entity tag of a chat and its conversation (RFC 9110, 8.8.3). */
export function toETag({ version }: Pick<Chat, 'version'>): string {
  return `"${version}"`;
}

/**
 * The tag in `If-None-Match` that says that the client has this version already (RFC 9110, 13.1.2: weak comparison): a
 * 304 repeats it, so that a cache knows which of its encodings is meant.
 */
export function findKnownTag(header: string | undefined, chat: Chat): string | undefined {
  return header === undefined ? undefined : findTag(header.replaceAll('W/', ''), chat);
}

/**
 * The version at which `If-Match` allows a change (RFC 9110, 13.1.1: strong comparison): undefined allows any.
 * A tag that is not the chat's gives a version that no chat has.
 */
export function matchingVersion(header: string | undefined, chat: Chat): string | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return findTag(header, chat) === undefined ? 'none' : chat.version;
}

/**
 * The tag of one content coding: strong tags differ where the bytes do (RFC 9110, 8.8.3.3), weak ones need not. A weak
 * one for the chat would do for reading, but `If-Match` takes none.
 */
export function withCoding(etag: string, coding: string): string {
  return etag.replace(/^(".*)"$/, `$1-${coding}"`);
}

function findTag(header: string, chat: Chat): string | undefined {
  const etag = toETag(chat);
  if (header.trim() === '*') return etag;
  const tags = header.split(',').map((tag) => tag.trim());
  return tags.find((tag) => tag.replace(/-\w+"$/, '"') === etag);
}
