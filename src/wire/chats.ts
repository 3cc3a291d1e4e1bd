import Type, { type Static } from 'typebox';
import * as examples from './examples.ts';
import { ForkedFrom, ORGANISATION, SomeOrganisation } from './organise/organisation.ts';

/** An item of a conversation: an `AgentInputItem` of the Agents SDK, as JSON. */
export const Item = Type.Unsafe<Record<string, unknown>>(
  Type.Object(
    {},
    {
      additionalProperties: true,
      description: 'A message, tool call, tool result, reasoning … of the OpenAI Agents SDK',
      examples: [examples.CONVERSATION[0]],
    },
  ),
);
export type Item = Static<typeof Item>;

export const ChatId = Type.String({
  minLength: 1,
  maxLength: 255,
  description: 'The chat. UUIDv7 when made by Questlog',
});

export const Title = Type.Union([Type.String({ maxLength: 500 }), Type.Null()], {
  description: 'Null: no title yet. The first user message gives it one',
  examples: ['My AI Assistant Chat'],
});

const Conversation = Type.Union([Type.Array(Item), Type.Null()], {
  description: 'The messages, oldest first',
  examples: [examples.CONVERSATION],
});

/** What a chat has when it is made and when it is read. */
export const ChatBase = Type.Object({
  title: Type.Optional(Title),
  conversation: Type.Optional(Conversation),
  ...SomeOrganisation.properties,
});
export type ChatBase = Static<typeof ChatBase>;

/** Body of `POST /chats`. */
export const ChatCreate = Type.Object(ChatBase.properties, {
  title: 'ChatCreate',
  additionalProperties: false,
  examples: [examples.NEW_CHAT],
});
export type ChatCreate = Static<typeof ChatCreate>;

/** Body of `PUT /chats/{chat_id}`: only what is given changes; `conversation: null` clears it. */
export const ChatUpdate = Type.Object(ChatBase.properties, {
  title: 'ChatUpdate',
  additionalProperties: false,
  examples: [{ title: 'The sunless citadel' }],
  description: 'Only what is given changes. A conversation replaces the history; null clears it',
});
export type ChatUpdate = Static<typeof ChatUpdate>;

export const Timestamp = Type.String({ format: 'date-time', examples: ['2026-11-22T19:44:00.000Z'] });

const Fork = Type.Union([ForkedFrom, Type.Null()], { description: 'Null: it was not forked' });

const ExpiresAt = Type.Union([Timestamp, Type.Null()], {
  description: 'When it is to be gone: it is removed for good within the hour after. Null: it stays',
});

const ChatSummaryFields = {
  chat_id: ChatId,
  user_id: Type.String({ description: 'The user of the authentication service' }),
  title: Title,
  is_active: Type.Boolean({ description: 'False after a soft delete' }),
  created_at: Timestamp,
  updated_at: Timestamp,
  ...ORGANISATION,
  forked_from: Fork,
  expires_at: ExpiresAt,
};

/** A chat with its conversation. */
export const ChatResponse = Type.Object(
  { ...ChatSummaryFields, conversation: Type.Array(Item) },
  { title: 'ChatResponse', examples: [examples.CHAT] },
);
export type ChatResponse = Static<typeof ChatResponse>;

/** A chat in a list: without its conversation, unless that was asked for. */
export const ChatSummary = Type.Object(
  { ...ChatSummaryFields, conversation: Type.Optional(Type.Array(Item)) },
  { title: 'ChatSummary', examples: [examples.CHAT_SUMMARY] },
);
export type ChatSummary = Static<typeof ChatSummary>;

/** Reply of `GET /chats`. */
export const ChatListResponse = Type.Object(
  {
    chats: Type.Array(ChatSummary, { description: 'Newest activity first' }),
    total: Type.Integer({ description: 'How many chats the user has, in all pages' }),
    skip: Type.Integer(),
    limit: Type.Integer(),
    next_cursor: Type.Union([Type.String(), Type.Null()], {
      description: 'For `cursor=` of the next page; null on the last',
    }),
  },
  { title: 'ChatListResponse', examples: [examples.CHAT_LIST] },
);
export type ChatListResponse = Static<typeof ChatListResponse>;

const ActiveOnly = Type.Optional(
  Type.Boolean({ default: true, description: 'False: also a soft-deleted chat' }),
);

/** Query of `GET /chats/{chat_id}`. */
export const ChatQuery = Type.Object({ active_only: ActiveOnly }, { additionalProperties: false });

/** Query of `DELETE /chats/{chat_id}`. */
export const ChatDeleteQuery = Type.Object(
  {
    permanent: Type.Optional(
      Type.Boolean({ default: false, description: 'True: remove the chat and its history for good' }),
    ),
  },
  { additionalProperties: false },
);

export const ChatParams = Type.Object({ chat_id: ChatId });

/** A place in a chat. */
export function Position(description: string, minimum = 0) {
  return Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER, description });
}

/** Query of `GET /chats/{chat_id}/items`. */
export const ItemPageQuery = Type.Object(
  {
    before: Type.Optional(Position('Only items before this position')),
    after: Type.Optional(Position('Only items after this position; -1: from the first one', -1)),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        default: 100,
        description: 'At most so many; fewer where they are more than a megabyte',
      }),
    ),
    alternative: Type.Optional(Position('Of this alternative, which is set aside, and not of the history')),
    active_only: ActiveOnly,
  },
  { additionalProperties: false },
);

/** Query of `DELETE /chats/{chat_id}/items`, and body of `POST /chats/{chat_id}/alternatives`. */
export const ItemRange = Type.Object(
  {
    from: Position('The first position to take out'),
    to: Position('The last one'),
  },
  { title: 'ItemRange', additionalProperties: false, examples: [examples.ITEM_RANGE] },
);
export type ItemRange = Static<typeof ItemRange>;

const Thumbs = [Type.Literal('up'), Type.Literal('down')] as const;
const Comment = Type.Union([Type.String({ maxLength: 1_000 }), Type.Null()], { description: 'Why' });

/** What the person thinks of an item, as it is read. */
export const Feedback = Type.Object(
  { rating: Type.Union([...Thumbs]), comment: Comment },
  { title: 'Feedback' },
);
export type Feedback = Static<typeof Feedback>;

/** Body of `PUT /chats/{chat_id}/items/{position}/feedback`: a rating of null takes it back. */
export const FeedbackRequest = Type.Object(
  { rating: Type.Union([...Thumbs, Type.Null()]), comment: Type.Optional(Comment) },
  { title: 'FeedbackRequest', additionalProperties: false, examples: [examples.FEEDBACK] },
);
export type FeedbackRequest = Static<typeof FeedbackRequest>;

/** An item with its place in the chat. */
export const PlacedItem = Type.Object(
  {
    position: Type.Integer({ description: 'Grows along the chat; never used twice' }),
    run_id: Type.Union([Type.String(), Type.Null()], { description: 'The run that wrote it' }),
    blocked: Type.Boolean({
      description: 'An input guardrail or the model’s provider refused it: no model gets it',
    }),
    created_at: Timestamp,
    feedback: Type.Union([Feedback, Type.Null()], { description: 'What the person thinks of it' }),
    item: Item,
  },
  { title: 'PlacedItem', examples: [examples.PLACED_ITEM] },
);
export type PlacedItem = Static<typeof PlacedItem>;

/** Where a history has gone on in more than one way. */
export const Point = Type.Object(
  {
    position: Type.Union([Type.Integer(), Type.Null()], {
      description: 'The first item of the current alternative. Null: it has none, the items end here',
    }),
    ids: Type.Array(Type.Integer(), { description: 'The ids of its alternatives, oldest first' }),
    current: Type.Integer({ description: 'The one that the items belong to' }),
    begin_alike: Type.Boolean({
      description: 'Whether all begin with the same item, as the answers to one message do',
    }),
  },
  { title: 'Point', examples: [examples.POINT] },
);
export type Point = Static<typeof Point>;

/** Reply of `GET /chats/{chat_id}/items`. */
export const ItemPageResponse = Type.Object(
  {
    title: Title,
    version: Type.String({
      description: "The chat's version, as in its ETag and in signals: the items are as new, or newer",
    }),
    tags: ORGANISATION.tags,
    forked_from: Fork,
    expires_at: ExpiresAt,
    items: Type.Array(PlacedItem, { description: 'Oldest first' }),
    has_more: Type.Boolean({ description: 'Whether there are further items in the direction asked for' }),
    points: Type.Array(Point, { description: 'Those among these items that have alternatives' }),
  },
  { title: 'ItemPageResponse', examples: [examples.ITEM_PAGE] },
);
export type ItemPageResponse = Static<typeof ItemPageResponse>;
