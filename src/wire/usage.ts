import Type, { type Static } from 'typebox';

/** What a run cost, in the model's tokens. */
export const Usage = Type.Object(
  {
    requests: Type.Integer(),
    input_tokens: Type.Integer(),
    output_tokens: Type.Integer(),
    total_tokens: Type.Integer(),
  },
  { title: 'Usage' },
);
export type Usage = Static<typeof Usage>;
