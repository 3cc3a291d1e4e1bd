import type { Agent } from '@openai/agents-core';
import { QuestlogError } from '../../errors.ts';
import { assertSameSdk } from '../../run/assert-same-sdk.ts';
import type { ChatAgent } from '../../run/types.ts';
import type { Accepts, AgentSummary } from '../../wire/agents.ts';
import { toSlug } from './slug.ts';

/** An agent with what its people read of it. */
export interface DescribedAgent {
  /** What answers. */
  readonly agent: ChatAgent;
  /** Default: the agent's name. */
  readonly title?: string | undefined;
  /** What it is good for, before anybody says anything. Default: nothing. */
  readonly description?: string | undefined;
  /** What people may say first. Default: nothing. */
  readonly suggestions?: readonly string[] | undefined;
  /** What its model takes beside text. Default: images and files. */
  readonly accepts?: Accepts | undefined;
}

/** An agent that is served, and what its people read of it. */
export interface ServedAgent {
  readonly agent: ChatAgent;
  /** `/agents/` and its name as it can stand in a URL. */
  readonly path: string;
  readonly title: string;
  /** Null: there is none. */
  readonly description: string | null;
  readonly suggestions: readonly string[];
  /** What its model takes beside text. Default: images and files. */
  readonly accepts?: Accepts | undefined;
  /** What people read of its model. Default: what the agent says. */
  readonly model?: AgentSummary['model'] | undefined;
}

const FIELDS = ['agent', 'title', 'description', 'suggestions', 'accepts'];

/**
 * Reads one agent or a list: what a module of agents exports, or a handler is given. Each is an `Agent`, or
 * `{ agent, title, description, suggestions, accepts }`.
 *
 * @throws QuestlogError `invalid_configuration` that says which is wrong, and how.
 */
export function readAgents(exported: unknown): ServedAgent[] {
  const entries: unknown[] = Array.isArray(exported) ? exported : [exported];
  if (entries.length === 0) throw wrong('the list of agents is empty');
  const agents = entries.map((entry, index) =>
    readAgent(entry, Array.isArray(exported) ? `agent ${index + 1} of the list` : 'the default export'),
  );
  for (const [index, { agent, path }] of agents.entries()) {
    const same = agents.slice(0, index).find((earlier) => earlier.path === path);
    if (same !== undefined) {
      throw wrong(`two agents, ${quote(same.agent.name)} and ${quote(agent.name)}, would both be at ${path}`);
    }
  }
  return agents;
}

function readAgent(entry: unknown, where: string): ServedAgent {
  const { agent, title, description, suggestions, accepts, ...others } = isDescribed(entry)
    ? entry
    : { agent: entry };
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw wrong(`${where} has the field ${quote(unknown)}, which is none of ${FIELDS.join(', ')}`);
  }
  if (!isAgent(agent)) throw wrong(`${where} is not an Agent of the Agents SDK, but ${nameOf(agent)}`);
  assertSameSdk({ agent });
  return {
    agent,
    path: toPath(agent.name, where),
    title: readText(title, `the title of ${where}`) ?? agent.name,
    description: readText(description, `the description of ${where}`) ?? null,
    suggestions: readTexts(suggestions, `the suggestions of ${where}`),
    accepts: readAccepts(accepts, where),
  };
}

function isDescribed(entry: unknown): entry is Record<string, unknown> {
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry) && !isAgent(entry);
}

/** Also one of another copy of the SDK, which is refused by its own words. */
function isAgent(value: unknown): value is Agent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'getSystemPrompt' in value &&
    'handoffs' in value
  );
}

function toPath(name: string, where: string): string {
  const slug = toSlug(name);
  if (slug !== '') return `/agents/${slug}`;
  const advice = 'name it with Latin letters or digits, and give people its name as `title`';
  throw wrong(`the name of ${where}, ${quote(name)}, cannot stand in a URL: ${advice}`);
}

function readText(value: unknown, what: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw wrong(`${what} must be a text that is not empty, not ${nameOf(value)}`);
}

function readTexts(value: unknown, what: string): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong(`${what} must be a list of texts, not ${nameOf(value)}`);
  return value.map((text, index) => readText(text ?? null, `number ${index + 1} of ${what}`) ?? '');
}

function readAccepts(value: unknown, where: string): Accepts | undefined {
  if (value === undefined || isAccepts(value)) return value;
  throw wrong(`what ${where} accepts must be { images, files }, each true or false, not ${nameOf(value)}`);
}

function isAccepts(value: unknown): value is Accepts {
  const { images, files, ...others } = Object(value) as Record<string, unknown>;
  return typeof images === 'boolean' && typeof files === 'boolean' && Object.keys(others).length === 0;
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return Object.getPrototypeOf(value) === Object.prototype
    ? `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'nothing in it'}`
    : `a ${value.constructor?.name ?? 'strange object'}`;
}

function quote(text: string): string {
  return `“${text}”`;
}

function wrong(problem: string): QuestlogError {
  return new QuestlogError('invalid_configuration', problem, {
    errors: [{ field: 'agents', message: problem }],
  });
}
