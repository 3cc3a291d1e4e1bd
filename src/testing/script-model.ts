import type { Model, ModelRequest } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import { QuestlogError } from '../errors.ts';

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

/** Of a text, where a script is named. */
const MAX_SHOWN = 40;

/**
 * A model that gives these answers, one each time that it is asked, whole or as a stream. It asks nobody. Asked
 * more often it fails the run, in words that name the script by its answers. Its `calls` hold what it was given.
 *
 * @example
 * const model = scriptModel({ tool: 'roll_dice', arguments: { notation: '2d6' } }, 'You rolled a 7.');
 * const { finalOutput } = await runDurably(new Agent({ name: 'A', model, tools }), 'Roll!', { db, userId });
 */
export function scriptModel(...answers: readonly ScriptedAnswer[]): ScriptedModel {
  return new Script(answers);
}

class Script extends ScriptedModel {
  readonly #name: string;

  constructor(answers: readonly ScriptedAnswer[]) {
    super(answers.map(toOutput));
    this.#name = `scriptModel(${answers.map(inShort).join(', ')})`;
  }

  override async getResponse(request: ModelRequest): ReturnType<Model['getResponse']> {
    this.#assertLeft();
    return super.getResponse(request);
  }

  override getStreamedResponse(request: ModelRequest): ReturnType<Model['getStreamedResponse']> {
    this.#assertLeft();
    return super.getStreamedResponse(request);
  }

  #assertLeft(): void {
    if (this.remainingSteps > 0) return;
    throw new QuestlogError('run_failed', `${this.#name} has no answer ${this.calls.length + 1}`);
  }
}

function inShort(answer: ScriptedAnswer): string {
  if (typeof answer !== 'string')
    return [answer]
      .flat()
      .map(({ tool }) => tool)
      .join(' + ');
  const text = answer.length > MAX_SHOWN ? `${answer.slice(0, MAX_SHOWN)}…` : answer;
  return JSON.stringify(text);
}

function toOutput(answer: ScriptedAnswer, turn: number) {
  if (typeof answer === 'string') return [assistantMessage(answer)];
  const calls: readonly ScriptedCall[] = Array.isArray(answer) ? answer : [answer];
  return calls.map(({ tool, arguments: given = {}, callId }, place) =>
    functionCall(tool, given, { callId: callId ?? `call_${turn + 1}_${place + 1}` }),
  );
}
