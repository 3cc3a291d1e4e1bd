import Type, { type Static } from 'typebox';
import { ChatId, Timestamp, Title } from '../chats.ts';
import { SEARCH_RESULTS } from './examples.ts';

/** Query of `GET /chats/search`. */
export const SearchQuery = Type.Object(
  {
    q: Type.String({
      minLength: 1,
      maxLength: 500,
      description:
        'Words, all of which a title or an item has; the last one may go on. `"in quotation marks"`: one behind the other',
    }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 1_000, description: '`next_cursor` of the page before' })),
    tools: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'True: also what tools were called with, and what they gave',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Where something stands in a text. */
export const Highlight = Type.Object(
  { start: Type.Integer(), end: Type.Integer({ description: 'Not included' }) },
  { title: 'Highlight', description: 'In UTF-16 units, as JavaScript counts' },
);
export type Highlight = Static<typeof Highlight>;

/** A title, or what somebody said, that has what was looked for. */
export const SearchResult = Type.Object(
  {
    chat_id: ChatId,
    title: Title,
    position: Type.Union([Type.Integer(), Type.Null()], {
      description: 'The item’s place in the chat. Null: the title fits',
    }),
    role: Type.Union([Type.Literal('user'), Type.Literal('assistant'), Type.Literal('tool'), Type.Null()], {
      description: 'Whose words they are. Null: the title’s',
    }),
    created_at: Timestamp,
    rank: Type.Number({ description: 'How well it fits: comparable within one search' }),
    snippet: Type.Object({
      text: Type.String({ description: 'The text around the first place that fits' }),
      highlights: Type.Array(Highlight, { description: 'What fits of it, in order' }),
    }),
  },
  { title: 'SearchResult', examples: [SEARCH_RESULTS.items[0]] },
);
export type SearchResult = Static<typeof SearchResult>;

/** Reply of `GET /chats/search`. */
export const SearchResponse = Type.Object(
  {
    items: Type.Array(SearchResult, { description: 'The best first, of the newest 500 that fit' }),
    next_cursor: Type.Union([Type.String(), Type.Null()], {
      description: 'For `cursor=` of the next page; null on the last',
    }),
    is_complete: Type.Boolean({ description: 'False: older chats are still being indexed' }),
  },
  { title: 'SearchResponse', examples: [SEARCH_RESULTS] },
);
export type SearchResponse = Static<typeof SearchResponse>;
