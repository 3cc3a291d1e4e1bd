/** The subprotocol of `GET /chats/live`: the version of its messages. */
export const LIVE_PROTOCOL = 'questlog.v1';

/** What a second subprotocol begins with that carries an access token. */
export const TOKEN_PROTOCOL = 'token.';

/** Why the server closed a socket (WebSocket close codes). */
export const CLOSE = {
  /** The process stops: connect again, another one serves. */
  goingAway: 1001,
  /** The client sent something that is no message of this protocol, or too much of it. */
  badMessage: 1008,
  /** The server failed: connect again later. */
  failed: 1011,
  /** The token is missing, bad or expired, or a fresh one is another user's: sign in, then connect again. */
  signIn: 4401,
} as const;
