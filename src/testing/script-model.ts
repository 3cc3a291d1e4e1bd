import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';

/** A call of a tool that the model asks for. */
export interface ScriptedCall {
  /** The tool's name. */
  readonly tool: string;
  /** What it is called with. Default: nothing. */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** How its result, or its approval, finds it. Default: `call_1_1`, by the places of the answer and of the call in it. */
  readonly callId?: string;
}

/** What the model answers once: a text, a call, or calls that belong together. */
export type ScriptedAnswer = string | ScriptedCall | readonly ScriptedCall[];

/**
 * A model that gives these answers, one each time that it is asked, whole or as a stream. It asks nobody, and fails when it
 * is asked more often. Its `calls` hold what it was given.
 *
 * @example
 * const model = scriptModel({ tool: 'roll_dice', arguments: { notation: '2d6' } }, 'You rolled a 7.');
 * const { finalOutput } = await runDurably(new Agent({ name: 'A', model, tools }), 'Roll!', { db, userId });
 */
export function scriptModel(...answers: readonly ScriptedAnswer[]): ScriptedModel {
  return new ScriptedModel(answers.map(toOutput));
}

function toOutput(answer: ScriptedAnswer, turn: number) {
  if (typeof answer === 'string') return [assistantMessage(answer)];
  const calls: readonly ScriptedCall[] = Array.isArray(answer) ? answer : [answer];
  return calls.map(({ tool, arguments: given = {}, callId }, place) =>
    functionCall(tool, given, { callId: callId ?? `call_${turn + 1}_${place + 1}` }),
  );
}
