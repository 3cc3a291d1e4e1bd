import Type, { type Static } from 'typebox';

const Key = Type.Union(
  [Type.Literal('day'), Type.Literal('model'), Type.Literal('chat'), Type.Literal('run')],
  { description: 'By what it is summed up' },
);
const Day = (description: string) => Type.String({ format: 'date', description, examples: ['2026-12-01'] });

/** Query of `GET /usage`. */
export const UsageQuery = Type.Object(
  {
    by: Type.Optional({ ...Key, default: 'day' }),
    from: Type.Optional(Day('The first day, of UTC. Default: 29 days before the last one; at most 365')),
    to: Type.Optional(Day('The last day. Default: today')),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 2_000, description: '`next_cursor` of the page before' })),
  },
  { additionalProperties: false },
);

const SUMS = {
  runs: Type.Integer({ description: 'Runs with a call of a model' }),
  requests: Type.Integer({ description: 'Calls that a model began to answer' }),
  unpriced_requests: Type.Integer({ description: 'Of these: whose cost is not known' }),
  input_tokens: Type.Integer(),
  cached_input_tokens: Type.Integer({ description: 'Of the input tokens' }),
  output_tokens: Type.Integer(),
  reasoning_tokens: Type.Integer({ description: 'Of the output tokens' }),
  total_tokens: Type.Integer(),
  cost: Type.Union([Type.Number(), Type.Null()], {
    description: 'In the money of the operator’s prices, without what has none. Null: nothing has one',
  }),
};
const EXAMPLE = {
  runs: 3,
  requests: 5,
  unpriced_requests: 0,
  input_tokens: 9_120,
  cached_input_tokens: 6_144,
  output_tokens: 804,
  reasoning_tokens: 320,
  total_tokens: 9_924,
  cost: 0.015_456,
};

/** What models were used for. */
export const UsageSums = Type.Object(SUMS, { title: 'UsageSums', examples: [EXAMPLE] });
export type UsageSums = Static<typeof UsageSums>;

/** What was used on a day, of a model, in a chat or by a run. */
export const UsageEntry = Type.Object(
  {
    key: Type.Union([Type.String(), Type.Null()], {
      description: 'The day, the model, or the id of the chat or run. Null: runs without memory',
    }),
    ...SUMS,
  },
  { title: 'UsageEntry', examples: [{ key: '2026-12-01', ...EXAMPLE }] },
);
export type UsageEntry = Static<typeof UsageEntry>;

/** Reply of `GET /usage`. */
export const UsageResponse = Type.Object(
  {
    by: Key,
    from: Type.String(),
    to: Type.String(),
    items: Type.Array(UsageEntry, {
      description: 'Newest days and runs first; models and chats by their names',
    }),
    totals: { ...UsageSums, description: 'Of all days and all pages together' },
    next_cursor: Type.Union([Type.String(), Type.Null()], {
      description: 'For `cursor=` of the next page; null on the last',
    }),
  },
  {
    title: 'UsageResponse',
    examples: [
      {
        by: 'day',
        from: '2026-11-02',
        to: '2026-12-01',
        items: [{ key: '2026-12-01', ...EXAMPLE }],
        totals: EXAMPLE,
        next_cursor: null,
      },
    ],
  },
);
export type UsageResponse = Static<typeof UsageResponse>;
