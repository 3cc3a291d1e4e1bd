import {
  InputGuardrailTripwireTriggered,
  MaxTurnsExceededError,
  ModelBehaviorError,
  ModelRefusalError,
  OutputGuardrailTripwireTriggered,
  ToolCallError,
  ToolInputGuardrailTripwireTriggered,
  ToolOutputGuardrailTripwireTriggered,
  UserError,
} from '@openai/agents-core';
import { QuestlogError } from '../../errors.ts';
import { toProviderFailure } from './provider-failure.ts';

/** What is known of a failed run beside the error. */
export interface FailedRun {
  /** Whether the model gave nothing at all: the SDK asks such a model again until its turns are used up. */
  readonly silent?: boolean;
  /** What the provider said in its stream to be wrong: the SDK's error does not repeat it. */
  readonly reported?: unknown;
  /** Values that not even the log may hold. */
  readonly secrets?: readonly string[] | undefined;
}

/** What a client may read about the end of a run that did not succeed: our words, never those of others. */
export function toRunFailure(
  error: unknown,
  { silent = false, reported, secrets }: FailedRun = {},
): QuestlogError {
  if (error instanceof QuestlogError) return error;
  const fail = (code: QuestlogError['code'], message: string) =>
    new QuestlogError(code, message, { cause: error });
  if (error instanceof MaxTurnsExceededError) {
    if (silent) return fail('model_failed', 'the model answered with nothing');
    return fail('run_failed', 'the agent did not finish within its limit of turns');
  }
  if (isGuardrail(error)) return fail('run_refused', 'a guardrail of the agent refused this');
  if (error instanceof ToolCallError) {
    if (error.error instanceof QuestlogError) return error.error;
    return new QuestlogError('run_failed', 'a tool of the agent failed', { cause: error.error });
  }
  if (error instanceof ModelRefusalError) return fail('run_refused', 'the model refused to answer');
  if (error instanceof ModelBehaviorError) {
    const failure = reported === undefined ? undefined : toProviderFailure(reported, secrets);
    return failure ?? fail('model_failed', 'the model sent what the agent cannot follow');
  }
  // Its message can hold the items of the user.
  if (error instanceof UserError) return fail('run_failed', 'the run failed');
  return toProviderFailure(error, secrets) ?? fail('run_failed', 'the run failed');
}

/** The error of a run that was cancelled. */
export function cancelledError(): QuestlogError {
  return new QuestlogError('run_cancelled', 'the run was cancelled');
}

/** The error of a run that another process has taken over. */
export function takenOverError(): QuestlogError {
  return new QuestlogError('run_interrupted', 'another process took over this run');
}

/** The error of a run whose chat was removed. */
export function chatRemovedError(): QuestlogError {
  return new QuestlogError('chat_not_found', 'the chat was removed during the run');
}

/** The state of a run that ended with this error. */
export function toStatus(failure: QuestlogError): 'failed' | 'cancelled' | 'interrupted' {
  if (failure.code === 'run_cancelled') return 'cancelled';
  return failure.code === 'run_interrupted' ? 'interrupted' : 'failed';
}

/** Whether the user's input was refused: it stays visible, and no later model gets it. */
export function isInputGuardrail(error: unknown): boolean {
  return error instanceof InputGuardrailTripwireTriggered;
}

function isGuardrail(error: unknown): boolean {
  return (
    error instanceof InputGuardrailTripwireTriggered ||
    error instanceof OutputGuardrailTripwireTriggered ||
    error instanceof ToolInputGuardrailTripwireTriggered ||
    error instanceof ToolOutputGuardrailTripwireTriggered
  );
}
