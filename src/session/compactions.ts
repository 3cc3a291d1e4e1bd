import type { AgentInputItem } from '@openai/agents-core';
import type { OpenAIResponsesCompactionSessionOptions } from '@openai/agents-openai';
import { type Checks, checkOptions, has, isCount, isText } from '../options.ts';
import { type Compaction, WHEN_OPTIONS } from './compaction.ts';

type Options = Pick<Compaction, 'keepTurns' | 'when'>;

/** A plain window: the last `turns` turns stay, what is before them is archived. No model is asked. */
export function keepWindow(options: { readonly turns: number }): Compaction {
  checkOptions(options, { turns: isCount });
  return { keepTurns: options.turns, when: () => true, compact: async () => ({ items: [] }) };
}

/** How and when OpenAI compacts a chat. */
export interface OpenAiCompactionOptions extends Options {
  /** A client of the `openai` package. */
  readonly client: NonNullable<OpenAIResponsesCompactionSessionOptions['client']>;
  /** A model of OpenAI's that can read the history. */
  readonly model: string;
}

const OPTIONS: Checks<OpenAiCompactionOptions> = {
  ...WHEN_OPTIONS,
  client: has('a client of the openai package'),
  model: isText,
};

/**
 * OpenAI's own compaction (`client.responses.compact`), through the SDK's session for it. What it makes is encrypted: only
 * OpenAI's Responses API can read it.
 */
export function compactAtOpenAI(options: OpenAiCompactionOptions): Compaction {
  checkOptions(options, OPTIONS);
  const { client, model, ...others } = options;
  return {
    ...others,
    compact: async (items: AgentInputItem[], { signal }) => {
      const [{ MemorySession }, { OpenAIResponsesCompactionSession }] = await Promise.all([
        import('@openai/agents-core'),
        import('@openai/agents-openai'),
      ]);
      signal.throwIfAborted();
      const underlyingSession = new MemorySession({ initialItems: items });
      const compact = (body: never) => client.responses.compact(body, { signal });
      const bounded = { responses: { compact } } as unknown as typeof client;
      const session = new OpenAIResponsesCompactionSession({ client: bounded, model, underlyingSession });
      const result = await session.runCompaction({ force: true, compactionMode: 'input' });
      return {
        items: await underlyingSession.getItems(),
        usage: result ? { requests: 1, ...result.usage } : undefined,
      };
    },
  };
}
