import Type, { type Static } from 'typebox';
import { PROBLEM } from './examples.ts';

/** An error reply: `application/problem+json` (RFC 9457). */
export const Problem = Type.Object(
  {
    title: Type.String({ description: 'The status in words' }),
    status: Type.Integer({ description: 'The HTTP status' }),
    code: Type.String({ description: 'What went wrong, as a stable name', examples: ['chat_not_found'] }),
    detail: Type.String({ description: 'What went wrong, for people' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), message: Type.String() }), {
        description: 'Each field that is wrong',
      }),
    ),
    retry_after: Type.Optional(
      Type.Integer({ description: 'Seconds to wait before another try; `Retry-After` says the same' }),
    ),
    limit: Type.Optional(
      Type.String({ description: 'Of `usage_limit`: what is used up, `runs`, `tokens` or `cost`' }),
    ),
    resets_at: Type.Optional(
      Type.String({ format: 'date-time', description: 'Of `usage_limit`: when there is some again' }),
    ),
    run_id: Type.Optional(Type.String({ description: 'The run that failed' })),
    session_id: Type.Optional(
      Type.Union([Type.String(), Type.Null()], { description: 'The chat of the run that failed' }),
    ),
  },
  { title: 'Problem', examples: [PROBLEM] },
);
export type Problem = Static<typeof Problem>;
