import Type, { type Static } from 'typebox';

const Tag = Type.String({ minLength: 1, maxLength: 64 });

/** How a chat is put in order, when it is made, changed and read. */
export const ORGANISATION = {
  is_pinned: Type.Boolean({ description: 'Whether the user wants it at hand' }),
  is_archived: Type.Boolean({ description: 'Whether the user has put it away: `archived=true` lists it' }),
  tags: Type.Array(Tag, {
    maxItems: 50,
    description: 'Different ones, in their order, without white space around them',
  }),
  metadata: Type.Unsafe<Record<string, unknown>>(
    Type.Object(
      {},
      {
        additionalProperties: true,
        description: 'What an app keeps about it: at most 16 KB of JSON. It is replaced',
      },
    ),
  ),
};

/** The same where all may be left out. */
export const SomeOrganisation = Type.Partial(Type.Object(ORGANISATION));
export type SomeOrganisation = Static<typeof SomeOrganisation>;

/** Where a chat comes from. */
export const ForkedFrom = Type.Object(
  {
    chat_id: Type.String({ description: 'It may be gone' }),
    position: Type.Union([Type.Integer(), Type.Null()], {
      description: 'The last item that went along, at the same position. Null: there was none',
    }),
  },
  { title: 'ForkedFrom' },
);
export type ForkedFrom = Static<typeof ForkedFrom>;

/** What `GET /chats` can be asked to leave out. */
export const ORGANISATION_FILTERS = {
  archived: Type.Optional(
    Type.Boolean({
      description:
        'True: only archived chats; false: only others, as without it, unless soft-deleted ones are listed: then both',
    }),
  ),
  pinned: Type.Optional(Type.Boolean({ description: 'True: only pinned chats; false: only others' })),
  tag: Type.Optional(
    Type.Union([Tag, Type.Array(Tag, { maxItems: 50 })], {
      description: 'Only chats that have this tag; several times: all of them',
    }),
  ),
  metadata: Type.Optional(
    Type.String({
      maxLength: 16_384,
      description:
        'Only chats whose metadata has these members: a JSON object of strings, numbers and booleans, such as `{"project":"citadel"}`',
    }),
  ),
};

/** Body of `POST /chats/{chat_id}/fork`. */
export const ForkRequest = Type.Object(
  {
    position: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'The last item that goes along. Default: all go along',
      }),
    ),
    title: Type.Optional(
      Type.Union([Type.String({ maxLength: 500 }), Type.Null()], {
        description: 'Default: that of the chat',
      }),
    ),
  },
  { title: 'ForkRequest', additionalProperties: false, examples: [{ position: 1, title: 'The other door' }] },
);
export type ForkRequest = Static<typeof ForkRequest>;
