import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamEvent } from '@openai/agents-core';
import { assistantMessage, modelStream, ScriptedModel } from '@openai/agents-core/testing';

const USAGE = { inputTokens: 7, outputTokens: 3, totalTokens: 10 };

/**
 * A model that thinks so many pieces of so many letters aloud, then answers.
 *
 * @param rest is waited for now and then.
 */
export function floodModel(
  pieces: number,
  letters: number,
  until?: Promise<void>,
  rest: () => Promise<void> = () => sleep(10),
): ScriptedModel {
  return new ScriptedModel([modelStream(think(pieces, letters, until, rest))]);
}

async function* think(
  pieces: number,
  letters: number,
  until: Promise<void> | undefined,
  rest: () => Promise<void>,
): AsyncGenerator<StreamEvent> {
  yield { type: 'response_started' };
  for (let piece = 0; piece < pieces; piece += 1) {
    // Nothing that a database could compress.
    const delta = randomBytes(letters / 2).toString('hex');
    yield { type: 'model', event: { type: 'response.reasoning_text.delta', delta } };
    if (piece % 20 === 0) await rest();
  }
  await until;
  const output = [assistantMessage('Done.')];
  yield { type: 'response_done', response: { id: 'r', usage: USAGE, output } };
}
