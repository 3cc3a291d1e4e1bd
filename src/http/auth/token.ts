import type { IncomingHttpHeaders } from 'node:http';
import { QuestlogError } from '../../errors.ts';

/** An access token has about 1 KB, with a hundred roles 6 KB. Node itself takes 16 KB of headers. */
const MAX_HEADER_LENGTH = 8192;

/** The compact form of a signed token: three base64url parts (RFC 7515, 3.1). */
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const BEARER = /^Bearer +(\S+) *$/i;
const ENCODED_TOKENS = /^(?:stackauth|hexclave)_(.+)$/;

/**
 * The access token of a request: `authorization: Bearer <jwt>`, RFC 6750.
 *
 * @returns undefined when the request carries none.
 * @throws QuestlogError `unauthenticated` when the header holds something else.
 */
export function readBearerToken(headers: IncomingHttpHeaders): string | undefined {
  const bearer = readBearer(headers);
  return bearer === undefined ? undefined : checkForm('authorization', bearer);
}

/**
 * The access token of a request, in any form that a Stack Auth client sends, in this order:
 *
 * - `x-stack-access-token: <jwt>`, the recipe of the Stack Auth documentation
 * - `x-stack-auth: {"accessToken", "refreshToken"}`, from `user.getAuthHeaders()`
 * - `authorization: Bearer stackauth_<base64 of that JSON>` (or `hexclave_`), from `getAuthorizationHeader()`
 * - `authorization: Bearer <jwt>`, RFC 6750
 *
 * The first header that is there decides: a bad one is refused, never skipped in favour of another identity.
 * The refresh token is worth a year of access: it is dropped while parsing, and is in no result and no
 * error.
 *
 * @returns undefined when the request carries no token: no such header, or the JSON of a signed-out client.
 * @throws QuestlogError `unauthenticated` naming the header that cannot be read.
 */
export function readStackToken(headers: IncomingHttpHeaders): string | undefined {
  const token = readHeader(headers, 'x-stack-access-token');
  if (token !== undefined) return checkForm('x-stack-access-token', token);

  const tokens = readHeader(headers, 'x-stack-auth');
  if (tokens !== undefined) return readTokens('x-stack-auth', tokens);

  const bearer = readBearer(headers);
  if (bearer === undefined) return undefined;
  const encoded = ENCODED_TOKENS.exec(bearer)?.[1];
  if (encoded === undefined) return checkForm('authorization', bearer);
  // Node reads base64 and base64url alike.
  return readTokens('authorization', Buffer.from(encoded, 'base64').toString());
}

function readBearer(headers: IncomingHttpHeaders): string | undefined {
  return BEARER.exec(readHeader(headers, 'authorization') ?? '')?.[1];
}

function readHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length > MAX_HEADER_LENGTH) throw unreadable(name);
  return value;
}

function readTokens(header: string, json: string): string | undefined {
  const token = parseTokens(header, json).accessToken;
  if (token === undefined || token === null) return undefined;
  return checkForm(header, token);
}

function parseTokens(header: string, json: string): { accessToken?: unknown } {
  try {
    const { accessToken } = JSON.parse(json);
    return { accessToken };
  } catch {
    // The parser's error quotes the text, which may hold the refresh token: it goes no further.
    throw unreadable(header);
  }
}

function checkForm(header: string, token: unknown): string {
  if (typeof token !== 'string' || !COMPACT_JWS.test(token)) throw unreadable(header);
  return token;
}

function unreadable(header: string): QuestlogError {
  return new QuestlogError(
    'unauthenticated',
    `The ${header} header does not hold an access token that is a signed JWT`,
  );
}
