import Type, { type Static } from 'typebox';
import { Accepts } from './agents.ts';
import { Item } from './chats.ts';
import { AnswerNotes, PendingCall } from './events.ts';
import * as examples from './examples.ts';
import { Usage } from './usage.ts';

/** Body of `POST /chat/run` and `POST /chat/stream`. */
export const AgentRequest = Type.Object(
  {
    input: Type.Union([Type.String({ minLength: 1 }), Type.Array(Item, { minItems: 1 })], {
      description: 'What the user says: text, or items of the Agents SDK',
      examples: ['Hello, I need help with Python'],
    }),
    session_id: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 255 }), Type.Null()], {
        description:
          'The chat to go on with, made if it does not exist. Omitted: a new chat. Null: a run without memory',
      }),
    ),
    context: Type.Optional(
      Type.Unsafe<Record<string, unknown>>(
        Type.Object(
          {},
          { additionalProperties: true, description: 'Handed to the tools of the agent as it is' },
        ),
      ),
    ),
    pending: Type.Optional(
      Type.Literal('reject', {
        description: 'When a run of the chat waits for approvals: reject them, and begin this run',
      }),
    ),
  },
  { title: 'AgentRequest', additionalProperties: false, examples: [examples.REQUEST] },
);
export type AgentRequest = Static<typeof AgentRequest>;

const NullableString = Type.Union([Type.String(), Type.Null()]);

const RunOutcome = {
  final_output: Type.Unknown({ description: 'Text, or what the output type of the agent says' }),
  refusal: Type.Union([Type.String(), Type.Null()], {
    description:
      'What the model said when it refused to answer: the `final_output` too, unless the agent has an output type',
  }),
  usage: Usage,
  response_id: NullableString,
  ...AnswerNotes,
  session_id: NullableString,
  run_id: Type.String(),
};

/** Reply of `POST /chat/run`. */
export const AgentResponse = Type.Object(
  {
    ...RunOutcome,
    success: Type.Literal(true),
    error: Type.Null(),
    pending: Type.Array(PendingCall, {
      description: 'Calls that wait for `POST /runs/{run_id}/approvals`: the run goes on after that',
    }),
  },
  { title: 'AgentResponse', examples: [examples.RESPONSE] },
);
export type AgentResponse = Static<typeof AgentResponse>;

/** Reply of `GET /chat/info`. */
export const AgentInfo = Type.Object(
  {
    name: Type.String(),
    instructions: NullableString,
    model: Type.Object({ name: Type.String(), offline: Type.Boolean() }),
    accepts: Accepts,
    tools: Type.Array(Type.Object({ name: Type.String(), description: Type.String() })),
    handoffs: Type.Array(Type.Object({ name: Type.String(), description: Type.String() })),
    endpoints: Type.Object({ run: Type.String(), stream: Type.String(), info: Type.String() }),
    session: Type.Object({
      enabled: Type.Boolean({ description: 'Whether a run has memory unless it says `session_id: null`' }),
      storage: Type.String(),
    }),
  },
  { title: 'AgentInfo', examples: [examples.INFO] },
);
export type AgentInfo = Static<typeof AgentInfo>;
