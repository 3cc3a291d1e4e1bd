import type { AgentInputItem } from '@openai/agents-core';
import type { OpenAIResponsesCompactionSessionOptions } from '@openai/agents-openai';
import { invalidField } from '../errors.ts';
import type { Compaction } from './compaction.ts';

type Options = Pick<Compaction, 'keepTurns' | 'when'>;

/** A plain window: the last `turns` turns stay, what is before them is archived. No model is asked. */
export function keepWindow({ turns }: { readonly turns: number }): Compaction {
  if (!Number.isInteger(turns) || turns < 1) throw invalidField('turns', 'must be a whole number from 1');
  return { keepTurns: turns, when: () => true, compact: async () => ({ items: [] }) };
}

/** How and when OpenAI compacts a chat. */
export interface OpenAiCompactionOptions extends Options {
  /** A client of the `openai` package. */
  readonly client: NonNullable<OpenAIResponsesCompactionSessionOptions['client']>;
  /** A model of OpenAI's that can read the history. */
  readonly model: string;
}

/**
 * OpenAI's own compaction (`client.responses.compact`), through the SDK's session for it. What it makes is encrypted: only
 * OpenAI's Responses API can read it.
 */
export function compactAtOpenAI({ client, model, ...options }: OpenAiCompactionOptions): Compaction {
  return {
    ...options,
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
