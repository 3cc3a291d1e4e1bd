import Type, { type Static } from 'typebox';
import { Item } from './chats.ts';
import * as examples from './examples.ts';
import { Problem } from './problem-schema.ts';
import { Usage } from './usage.ts';

/**
 * The events of a run, in the order in which they happen. Each is one server-sent event whose `event:` is its `type`,
 * whose `id:` is its number within the run from 1, and whose `data:` is this JSON. Numbers only grow; the last event of
 * a run whose process died leaves a million out, for what that process may have sent and could not store.
 */

const NullableString = Type.Union([Type.String(), Type.Null()]);

/** What a client should know of an answer beside what it says. */
export const AnswerNotes = {
  incomplete: Type.Union(
    [Type.Literal('length'), Type.Literal('content_filter'), Type.Literal('cut_off'), Type.Null()],
    {
      description:
        'Why the answer is not whole: the model’s limit, the provider’s filter, its stream ended early',
    },
  ),
  omitted_turns: Type.Integer({
    description:
      'How many of the oldest turns the model did not get, because the provider said they are too long',
  }),
};

/** A piece of what the model writes, as it comes. `call_id` names the tool call that arguments belong to. */
export const RawResponseEvent = Type.Object(
  {
    type: Type.Literal('raw_response'),
    kind: Type.Union([
      Type.Literal('text_delta'),
      Type.Literal('reasoning_delta'),
      Type.Literal('refusal_delta'),
      Type.Literal('tool_arguments_delta'),
    ]),
    delta: Type.String(),
    call_id: Type.Optional(Type.String()),
  },
  { title: 'RawResponseEvent' },
);

/** A finished item of the run. */
export const RunItemEvent = Type.Object(
  {
    type: Type.Literal('run_item'),
    name: Type.Union(
      [
        Type.Literal('message_output_created'),
        Type.Literal('tool_called'),
        Type.Literal('tool_output'),
        Type.Literal('handoff_requested'),
        Type.Literal('handoff_occurred'),
        Type.Literal('reasoning_item_created'),
        Type.Literal('tool_approval_requested'),
        Type.Literal('tool_search_called'),
        Type.Literal('tool_search_output_created'),
        Type.Literal('compaction_item_created'),
      ],
      { description: 'What happened, in the words of the Agents SDK' },
    ),
    agent: NullableString,
    item: Item,
  },
  { title: 'RunItemEvent' },
);

/** Another agent goes on. */
export const AgentUpdatedEvent = Type.Object(
  { type: Type.Literal('agent_updated'), agent: Type.String() },
  { title: 'AgentUpdatedEvent' },
);

/** The end of a run that succeeded. */
export const StreamCompleteEvent = Type.Object(
  {
    type: Type.Literal('stream_complete'),
    final_output: Type.Unknown(),
    refusal: NullableString,
    usage: Usage,
    response_id: NullableString,
    ...AnswerNotes,
    session_id: NullableString,
    run_id: Type.String(),
  },
  { title: 'StreamCompleteEvent' },
);

/** A tool call that waits for a decision. */
export const PendingCall = Type.Object(
  {
    call_id: Type.String(),
    name: Type.String({ description: 'The tool' }),
    arguments: Type.String({ description: 'JSON; of a shell, a computer or a patch: what it is to do' }),
    agent: Type.String(),
    server: Type.Optional(
      Type.String({ description: 'The label of the hosted MCP server that has the tool' }),
    ),
  },
  { title: 'PendingCall' },
);
export type PendingCall = Static<typeof PendingCall>;

/** The run pauses until `POST /runs/{run_id}/approvals` decides its pending calls. */
export const ApprovalRequiredEvent = Type.Object(
  {
    type: Type.Literal('approval_required'),
    pending: Type.Array(PendingCall),
    usage: Usage,
    omitted_turns: AnswerNotes.omitted_turns,
    session_id: NullableString,
    run_id: Type.String(),
  },
  { title: 'ApprovalRequiredEvent' },
);
export type ApprovalRequiredEvent = Static<typeof ApprovalRequiredEvent>;

/** The end of a run that did not: the problem that `POST /chat/run` would have answered with. */
export const ErrorEvent = Type.Object(
  { type: Type.Literal('error'), ...Problem.properties },
  { title: 'ErrorEvent' },
);

/** What happens in a run, told by its `type`. */
export const RunEvent = Type.Union(
  [RawResponseEvent, RunItemEvent, AgentUpdatedEvent, ApprovalRequiredEvent, StreamCompleteEvent, ErrorEvent],
  { title: 'RunEvent', examples: examples.EVENTS },
);
export type RunEvent = Static<typeof RunEvent>;
export type RawResponseEvent = Static<typeof RawResponseEvent>;
export type RunItemEvent = Static<typeof RunItemEvent>;
export type StreamCompleteEvent = Static<typeof StreamCompleteEvent>;
export type ErrorEvent = Static<typeof ErrorEvent>;
