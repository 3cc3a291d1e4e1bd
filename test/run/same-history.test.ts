import { type AgentInputItem, MemorySession, Runner } from '@openai/agents-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newId } from '../../src/ids.ts';
import { runDurably } from '../../src/run/run-durably.ts';
import { encodeItems } from '../../src/store/items/item-json.ts';
import { getItems } from '../../src/store/items/read-items.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { agentOf, inputs, type Script, scripts } from './random-agents.ts';

type Input = string | AgentInputItem[];

test.each(DATABASES)(
  'a successful run leaves the history that the SDK leaves in its own session, and the next model gets it ($name)',
  { timeout: 120_000 },
  async ({ open }) => {
    const db = await open();
    const property = fc.asyncProperty(scripts, fc.tuple(inputs, inputs), async (both, given) => {
      const expected = await plainly(both, given);
      const { agent, model } = agentOf(both);
      const [chatId, userId] = [newId(), newUser()];
      const outputs: unknown[] = [];
      for (const input of given) {
        outputs.push((await runDurably(agent, input, { db, chatId, userId })).finalOutput);
      }
      expect(outputs).toEqual(expected.outputs);
      expect(encodeItems(await getItems(db, chatId, userId)).texts).toEqual(expected.history);
      // But for halves of surrogate pairs, which no model gets.
      expect(wellFormed(model.calls.map(({ request }) => request.input))).toEqual(wellFormed(expected.asked));
      model.assertComplete();
    });
    await fc.assert(property, { numRuns: 25 });
  },
);

/** The same runs with the SDK alone. */
async function plainly(both: readonly Script[], given: readonly Input[]) {
  const { agent, model } = agentOf(both);
  const session = new MemorySession();
  const outputs: unknown[] = [];
  for (const input of given) {
    const runner = new Runner({ tracingDisabled: true });
    const result = await runner.run(agent, input, { session, stream: true });
    await result.completed;
    outputs.push(result.finalOutput);
  }
  return {
    outputs,
    history: encodeItems(await session.getItems()).texts,
    asked: model.calls.map(({ request }) => request.input),
  };
}

function wellFormed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_name, member) =>
    typeof member === 'string' ? member.toWellFormed() : member,
  );
}
