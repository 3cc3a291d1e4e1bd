import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { QuestlogError } from '../../errors.ts';
import { TOKEN_PROTOCOL } from '../../wire/live-protocol.ts';

/** The subprotocols that a client offers. */
export function offeredProtocols(headers: IncomingHttpHeaders): string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
}

/** The headers as if the token that came as a subprotocol were in one: the way of pages, which can set none. */
export function withTokenOf(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const offered = offeredProtocols(headers).find((protocol) => protocol.startsWith(TOKEN_PROTOCOL));
  return offered === undefined ? headers : withToken(headers, offered.slice(TOKEN_PROTOCOL.length));
}

/** The headers with this token in the place of every other. */
export function withToken(headers: IncomingHttpHeaders, token: string): IncomingHttpHeaders {
  const { 'x-stack-access-token': _access, 'x-stack-auth': _auth, ...rest } = headers;
  return { ...rest, authorization: `Bearer ${token}` };
}

/**
 * Browsers let any page open a WebSocket to any server, and send the user's cookies along: what CORS does for requests
 * is done here. What is no browser sends no origin.
 *
 * @throws QuestlogError `origin_refused`.
 */
export function assertOrigin(request: FastifyRequest, origins: readonly string[]): void {
  const { origin } = request.headers;
  if (origin === undefined || origins.includes(origin)) return;
  const host = URL.canParse(origin) ? new URL(origin).host : '';
  if (host === '' || host !== request.host) {
    throw new QuestlogError('origin_refused', 'pages of this origin may not connect');
  }
}
