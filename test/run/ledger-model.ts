import { Agent, type Model, type ModelProvider, type ModelRequest, tool, Usage } from '@openai/agents-core';
import { assistantMessage, functionCall } from '@openai/agents-core/testing';
import fc from 'fast-check';
import { z } from 'zod';

/** What a call is used for, and what the model does in it. */
export interface Step {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  /** `hang` and `fail`: behind what it was used for. `ask`: an agent by the name of its model, or with a model of its own. */
  readonly does: 'look' | 'pay' | 'hang' | 'fail' | { readonly ask: 'named' | 'own'; readonly plan: Plan };
}

/** Step by step; behind the last one the model has done. */
export type Plan = readonly Step[];

/** What a model says that it was used for. */
export interface Said {
  readonly tag: string;
  readonly model: string;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

const DONE = { input: 5, cached: 0, output: 2 };
const MODELS = ['small', 'large'];

const count = fc.integer({ min: 1, max: 500 });
const uses = fc
  .record({ input: count, cached: fc.integer({ min: 0, max: 40 }), output: count })
  .map((use) => ({
    ...use,
    cached: Math.min(use.cached, use.input),
  }));
const step = (does: fc.Arbitrary<Step['does']>): fc.Arbitrary<Step> =>
  fc.tuple(uses, does).map(([use, done]) => ({ ...use, does: done }));
const innerPlan = fc.array(step(fc.constant('look')), { maxLength: 2 });
const asks = fc.record({ ask: fc.constantFrom('named' as const, 'own' as const), plan: innerPlan });

/** At most one thing that ends a run comes last. */
export const aPlan: fc.Arbitrary<Plan> = fc
  .tuple(
    fc.array(step(fc.oneof(fc.constantFrom('look' as const, 'pay' as const), asks)), { maxLength: 3 }),
    fc.option(step(fc.constantFrom('hang' as const, 'fail' as const)), { nil: undefined }),
  )
  .map(([steps, last]) => (last === undefined ? steps : [...steps, last]));

export const aModel = fc.constantFrom(...MODELS);

/** Models that keep a book of what they say that they were used for, and agents that are asked to follow a plan. */
export class Ledger {
  readonly said: Said[] = [];
  readonly #hanging = new Map<string, () => void>();
  readonly #hung = new Map<string, Promise<void>>();

  readonly provider: ModelProvider = { getModel: (name) => this.model(name ?? 'small') };

  /** Resolves when a model hangs in the run of this tag. */
  hung(tag: string): Promise<void> {
    return this.#hung.get(tag) as Promise<void>;
  }

  /** What to say to an agent for it to follow a plan. */
  ask(tag: string, plan: Plan): string {
    this.#hung.set(tag, new Promise((resolve) => this.#hanging.set(tag, resolve)));
    return JSON.stringify({ tag, plan });
  }

  agent(name: string): Agent {
    const inner = (model: string | Model) => new Agent({ name: 'Helper', model, tools: [look()] });
    const asTool = (kind: string, model: string | Model) =>
      inner(model).asTool({ toolName: `ask_${kind}`, toolDescription: 'Asks' });
    return new Agent({
      name: `Asker ${name}`,
      model: name,
      tools: [look(), pay(), asTool('named', 'large'), asTool('own', this.model('own'))],
    });
  }

  model(name: string): Model {
    return {
      getResponse: async (request) => {
        const { tag, step, done } = read(request);
        this.#note(tag, name, step);
        const usage = new Usage(usageOf(step));
        return { usage, output: outputOf(tag, step, done) };
      },
      getStreamedResponse: (request) => this.#stream(name, request),
    };
  }

  async *#stream(name: string, request: ModelRequest) {
    const { tag, step, done } = read(request);
    yield { type: 'response_started' as const };
    yield { type: 'output_text_delta' as const, delta: 'Hm.' };
    this.#note(tag, name, step);
    const { input, cached, output } = step;
    const raw = {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached },
      output_tokens: output,
    };
    yield { type: 'model' as const, event: { type: 'response.in_progress', response: { usage: raw } } };
    if (step.does === 'fail') throw new Error('the model failed');
    if (step.does === 'hang') {
      this.#hanging.get(tag)?.();
      await new Promise(() => undefined);
    }
    yield {
      type: 'response_done' as const,
      response: { id: 'r', usage: usageOf(step), output: outputOf(tag, step, done) },
    } as never;
  }

  #note(tag: string, model: string, { input, cached, output }: Omit<Step, 'does'>): void {
    this.said.push({ tag, model: model === 'own' ? 'unknown' : model, input, cached, output });
  }
}

function usageOf({ input, cached, output }: Omit<Step, 'does'>) {
  return {
    inputTokens: input,
    outputTokens: output,
    totalTokens: input + output,
    inputTokensDetails: { cached_tokens: cached },
    outputTokensDetails: { reasoning_tokens: 0 },
  };
}

/** The plan of a request, and where it is in it. */
function read({ input }: ModelRequest) {
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  const at = items.findLastIndex((item) => 'role' in item && item.role === 'user');
  const { tag, plan } = JSON.parse(textOf(items[at])) as { tag: string; plan: Plan };
  const done = items.slice(at).filter((item) => 'type' in item && item.type === 'function_call').length;
  return { tag, step: plan[done] ?? { ...DONE, does: undefined }, done };
}

function textOf(item: unknown): string {
  const { content } = item as { content: string | { text: string }[] };
  return typeof content === 'string' ? content : (content[0]?.text ?? '');
}

function outputOf(tag: string, { does }: { readonly does?: Step['does'] | undefined }, done: number) {
  if (does === 'look' || does === 'pay') return [functionCall(does, {}, { callId: `call-${done}` })];
  if (typeof does !== 'object') return [assistantMessage('Done.')];
  const input = JSON.stringify({ tag, plan: does.plan });
  return [functionCall(`ask_${does.ask}`, { input }, { callId: `call-${done}` })];
}

const parameters = z.object({});
const look = () => tool({ name: 'look', description: 'Looks', parameters, execute: async () => 'seen' });
const pay = () =>
  tool({ name: 'pay', description: 'Pays', parameters, needsApproval: true, execute: async () => 'paid' });
