import { Agent, type AgentInputItem, type Model, tool } from '@openai/agents-core';
import { z } from 'zod';
import type { Database } from '../../src/database/database.ts';
import type { RunsOptions } from '../../src/run/runs-options.ts';
import { appOn, runsOn, strictModel, Talk } from '../support/runs.ts';
import type { Script } from '../support/strict/reply.ts';
import type { StrictOptions } from '../support/strict/strict-openai.ts';

export const APIS = ['responses', 'chat_completions'] as const;

/** The tool `roll`, and how often it has run. */
export function rollTool() {
  const rolled: number[] = [];
  const roll = tool({
    name: 'roll',
    description: 'Rolls dice',
    parameters: z.object({ sides: z.number() }),
    execute: ({ sides }) => {
      rolled.push(sides);
      return `rolled ${rolled.length}`;
    },
  });
  return { roll, rolled };
}

/** An agent that asks a provider as strict as OpenAI, and somebody who talks to it. */
export async function talkTo(
  db: Database,
  script: Script,
  { history, ...options }: StrictOptions & Pick<RunsOptions, 'history'> = {},
) {
  const { api, model } = await strictModel(script, options);
  const { roll, rolled } = rollTool();
  const makeAgent = (by: Model = model) => new Agent({ name: 'A', model: by, tools: [roll] });
  const agent = makeAgent();
  const runs = runsOn(db, { history });
  const talk = new Talk(db, runs);
  const { ask } = await appOn(runs, db, agent, talk.userId);
  const say = (input: string | readonly AgentInputItem[] | readonly object[], more: object = {}) =>
    ask('POST', '/chat/run', { input, session_id: talk.chatId, ...more });
  return { api, agent, makeAgent, runs, talk, ask, say, rolled };
}

/** What a model was asked last, as JSON. */
export function lastAsked({ asked }: { readonly asked: readonly unknown[] }): string {
  return JSON.stringify(asked.at(-1));
}
