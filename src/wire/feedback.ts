import Type, { type Static } from 'typebox';
import * as examples from './examples.ts';

/** What the person thinks of an item, as it is read. */
export const Feedback = Type.Object(
  {
    rating: Type.Union([Type.Literal('up'), Type.Literal('down')]),
    comment: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'Feedback', examples: [examples.FEEDBACK] },
);
export type Feedback = Static<typeof Feedback>;

/** Body of `PUT /chats/{chat_id}/items/{position}/feedback`. */
export const FeedbackRequest = Type.Object(
  {
    rating: Type.Union([Type.Literal('up'), Type.Literal('down'), Type.Null()], {
      description: 'Null takes it back',
    }),
    comment: Type.Optional(
      Type.Union([Type.String({ maxLength: 1_000 }), Type.Null()], {
        description: 'Why; with a rating only',
      }),
    ),
  },
  { title: 'FeedbackRequest', additionalProperties: false, examples: [examples.FEEDBACK] },
);
export type FeedbackRequest = Static<typeof FeedbackRequest>;
