import Type, { type Static } from 'typebox';
import { SIGNALS } from './examples.ts';

const chat = {
  chat_id: Type.String(),
  version: Type.String({ description: "The chat's version, as in its ETag. Grows with every change" }),
};
const items = {
  ...chat,
  first: Type.Integer({ description: 'From this position on the items are new or others than before' }),
  last: Type.Union([Type.Integer(), Type.Null()], { description: 'The newest item; null: there is none' }),
};
const run = {
  chat_id: Type.String(),
  run_id: Type.String(),
  last_event: Type.Integer({ description: 'The number of its newest event; read on with Last-Event-ID' }),
};
const cursor = Type.String({ description: 'Send the newest as `since` when you connect again' });
const EndedStatus = Type.Union([
  Type.Literal('completed'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
  Type.Literal('interrupted'),
]);

/** A note that something changed: ids and numbers, never content. It may come twice; fetch what you lack. */
export const Signal = Type.Union(
  [
    Type.Object({ type: Type.Literal('chat_created'), ...chat }),
    Type.Object({ type: Type.Literal('chat_changed'), ...chat }),
    Type.Object({ type: Type.Literal('chat_restored'), ...chat }),
    Type.Object({
      type: Type.Literal('chat_deleted'),
      ...chat,
      permanent: Type.Boolean({ description: 'True: removed for good' }),
    }),
    Type.Object({ type: Type.Literal('items_appended'), ...items }),
    Type.Object({ type: Type.Literal('items_replaced'), ...items }),
    Type.Object({ type: Type.Literal('run_started'), ...run }, { description: 'Or goes on after a pause' }),
    Type.Object({ type: Type.Literal('run_progressed'), ...run }),
    Type.Object({ type: Type.Literal('run_awaiting_approval'), ...run }),
    Type.Object({ type: Type.Literal('run_ended'), ...run, status: EndedStatus }),
    Type.Object(
      { type: Type.Literal('resync'), cursor },
      { description: 'Signals were left out: fetch everything you show' },
    ),
  ],
  { title: 'Signal', examples: SIGNALS },
);
export type Signal = Static<typeof Signal>;

const expiry = {
  expires_at: Type.Union([Type.Integer(), Type.Null()], {
    description: 'When the token ends, in seconds since 1970: send a fresh one before',
  }),
};

/** What the server sends: signals, and what is about the connection. */
export const ServerMessage = Type.Union(
  [
    Signal,
    Type.Object(
      { type: Type.Literal('ready'), cursor, ...expiry },
      { description: 'All that changed since `since` has been sent' },
    ),
    Type.Object({ type: Type.Literal('cursor'), cursor }, { description: 'Also: the connection lives' }),
    Type.Object({ type: Type.Literal('token_accepted'), ...expiry }),
    Type.Object(
      { type: Type.Literal('token_unchecked') },
      { description: 'The sign-in service does not answer: send the token again' },
    ),
  ],
  {
    title: 'ServerMessage',
    examples: [{ type: 'ready', cursor: '1763840640000000', expires_at: null }, ...SIGNALS],
  },
);
export type ServerMessage = Static<typeof ServerMessage>;

/** What a client may send. */
export const ClientMessage = Type.Object(
  { type: Type.Literal('token'), token: Type.String({ minLength: 1, maxLength: 8_192 }) },
  { title: 'ClientMessage', additionalProperties: false },
);
export type ClientMessage = Static<typeof ClientMessage>;

/** Query of `GET /chats/live`. */
export const LiveQuery = Type.Object(
  {
    since: Type.Optional(
      Type.String({ maxLength: 100, description: 'The newest cursor that you were sent' }),
    ),
  },
  { additionalProperties: false },
);
