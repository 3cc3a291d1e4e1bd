import Type, { type Static } from 'typebox';
import { AnswerNotes, PendingCall } from './events.ts';
import * as examples from './examples.ts';
import { Problem } from './problem-schema.ts';
import { Usage } from './usage.ts';

export const RunParams = Type.Object({ run_id: Type.String({ minLength: 1, maxLength: 255 }) });

const NullableString = Type.Union([Type.String(), Type.Null()]);

/** A run: `GET /runs/{run_id}`. */
export const RunResponse = Type.Object(
  {
    run_id: Type.String(),
    chat_id: NullableString,
    agent: Type.String(),
    status: Type.Union([
      Type.Literal('running'),
      Type.Literal('awaiting_approval'),
      Type.Literal('completed'),
      Type.Literal('failed'),
      Type.Literal('cancelled'),
      Type.Literal('interrupted', { description: 'Its process died or was stopped' }),
    ]),
    started_at: Type.String({ format: 'date-time' }),
    ended_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    usage: Type.Union([Usage, Type.Null()]),
    final_output: Type.Unknown({ description: 'Of a completed run' }),
    refusal: NullableString,
    response_id: NullableString,
    ...AnswerNotes,
    error: Type.Union([Problem, Type.Null()], { description: 'Of a run that did not complete' }),
    pending: Type.Array(PendingCall, { description: 'Of a run that awaits approvals' }),
    last_event: Type.Integer({ description: 'The number of its last event, once it has ended or paused' }),
  },
  { title: 'RunResponse', examples: [examples.RUN] },
);
export type RunResponse = Static<typeof RunResponse>;

/** Reply of `GET /chats/{chat_id}/runs`. */
export const RunListResponse = Type.Object(
  {
    runs: Type.Array(RunResponse, { description: 'Newest first' }),
    usage: Usage,
  },
  { title: 'RunListResponse', examples: [examples.RUN_LIST] },
);
export type RunListResponse = Static<typeof RunListResponse>;

/** One decision on a pending call. */
export const ApprovalDecision = Type.Object(
  {
    call_id: Type.String({ minLength: 1 }),
    approve: Type.Boolean(),
    reason: Type.Optional(Type.String({ maxLength: 4_000, description: 'Told to the model when rejected' })),
    always: Type.Optional(
      Type.Boolean({ description: 'Decide further calls of this tool in this run alike' }),
    ),
  },
  { title: 'ApprovalDecision', additionalProperties: false },
);
export type ApprovalDecision = Static<typeof ApprovalDecision>;

/** Body of `POST /runs/{run_id}/approvals`. */
export const ApprovalRequest = Type.Object(
  { decisions: Type.Array(ApprovalDecision, { minItems: 1, maxItems: 100 }) },
  { title: 'ApprovalRequest', additionalProperties: false, examples: [examples.DECISIONS] },
);
export type ApprovalRequest = Static<typeof ApprovalRequest>;
