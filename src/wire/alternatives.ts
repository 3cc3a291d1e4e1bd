import Type, { type Static } from 'typebox';
import { ChatParams, Position, Timestamp } from './chats.ts';
import * as examples from './examples.ts';

/** Query of `GET /chats/{chat_id}/alternatives`. */
export const AlternativeListQuery = Type.Object(
  {
    after: Type.Optional(Position('Only alternatives with a greater id')),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 100 })),
  },
  { additionalProperties: false },
);

export const AlternativeParams = Type.Object({
  ...ChatParams.properties,
  alternative_id: Position('The alternative'),
});

/** One of the ways in which a history has gone on from one of its points. */
export const Alternative = Type.Object(
  {
    alternative_id: Type.Integer({
      description: 'Stays the same; greater than those that were begun before',
    }),
    position: Type.Union([Type.Integer(), Type.Null()], {
      description: 'Where its point is: the item before which it is. Null: the history ends there',
    }),
    current: Type.Boolean({ description: 'Whether it is the one that the history goes on with' }),
    items: Type.Union([Type.Integer(), Type.Null()], {
      description: 'How many are set aside with it. Null for the current one, whose items are in the history',
    }),
    created_at: Timestamp,
  },
  { title: 'Alternative', examples: [examples.ALTERNATIVE_LIST.alternatives[0]] },
);
export type Alternative = Static<typeof Alternative>;

/** Reply of `GET /chats/{chat_id}/alternatives`. */
export const AlternativeListResponse = Type.Object(
  {
    alternatives: Type.Array(Alternative, { description: 'Oldest first' }),
    has_more: Type.Boolean({ description: 'Whether there are further ones' }),
  },
  { title: 'AlternativeListResponse', examples: [examples.ALTERNATIVE_LIST] },
);
export type AlternativeListResponse = Static<typeof AlternativeListResponse>;
