import Type, { type Static } from 'typebox';
import { ORGANISATION_FILTERS } from './organisation.ts';

/** Query of `GET /chats`. */
export const ChatListQuery = Type.Object(
  {
    skip: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        default: 0,
        description: 'Chats to pass over, counted from `cursor` where there is one',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 100 })),
    active_only: Type.Optional(Type.Boolean({ default: true, description: 'False: soft-deleted ones too' })),
    cursor: Type.Optional(
      Type.String({
        maxLength: 1_000,
        description: '`next_cursor` of the page before; costs the same at any depth',
      }),
    ),
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        description: 'Only chats whose title contains this, in any case',
      }),
    ),
    deleted_only: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'True: only soft-deleted ones, whatever `active_only` says',
      }),
    ),
    ...ORGANISATION_FILTERS,
    include: Type.Optional(Type.Literal('conversation', { description: 'Send the conversations too' })),
  },
  { additionalProperties: false },
);
export type ChatListQuery = Static<typeof ChatListQuery>;
