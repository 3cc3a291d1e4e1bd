import Type, { type Static } from 'typebox';
import * as examples from './examples.ts';

/** What an agent takes beside text. */
export const Accepts = Type.Object(
  {
    images: Type.Boolean({ description: 'Parts `input_image`' }),
    files: Type.Boolean({ description: 'Parts `input_file`' }),
  },
  { description: 'What the agent takes beside text: a run with a part that it does not take is refused' },
);
export type Accepts = Static<typeof Accepts>;

/** An agent of the server, as people choose it. */
export const AgentSummary = Type.Object(
  {
    name: Type.String({ description: 'As its runs tell it' }),
    path: Type.String({
      description: 'Where it is, from the base URL of the API: `run`, `stream` and `info` below',
    }),
    title: Type.String({ description: 'For people' }),
    description: Type.Union([Type.String(), Type.Null()], {
      description: 'For people, before they say anything',
    }),
    suggestions: Type.Array(Type.String(), { description: 'What people may say first' }),
    model: Type.Object({ name: Type.String(), offline: Type.Boolean() }),
    accepts: Accepts,
  },
  { title: 'AgentSummary' },
);
export type AgentSummary = Static<typeof AgentSummary>;

/** Reply of `GET /agents`. */
export const AgentListResponse = Type.Object(
  { agents: Type.Array(AgentSummary, { description: 'The first is at `/chat`, too' }) },
  { title: 'AgentListResponse', examples: [examples.AGENT_LIST] },
);
export type AgentListResponse = Static<typeof AgentListResponse>;
