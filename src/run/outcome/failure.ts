import {
  type AgentInputItem,
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

/**
 * What a client may read about the end of a run that did not succeed: our words, never those of others.
 *
 * @param secrets values that not even the log may hold.
 */
export function toRunFailure(error: unknown, secrets?: readonly string[]): QuestlogError {
  if (error instanceof QuestlogError) return error;
  const fail = (code: QuestlogError['code'], message: string) =>
    new QuestlogError(code, message, { cause: error });
  if (error instanceof MaxTurnsExceededError) {
    return fail('run_failed', 'the agent did not finish within its limit of turns');
  }
  if (isGuardrail(error)) return fail('run_refused', 'a guardrail of the agent refused this');
  if (error instanceof ToolCallError) {
    if (error.error instanceof QuestlogError) return error.error;
    return new QuestlogError('run_failed', 'a tool of the agent failed', { cause: error.error });
  }
  if (error instanceof ModelRefusalError) return fail('run_refused', 'the model refused to answer');
  if (error instanceof ModelBehaviorError) {
    return fail('model_failed', 'the model sent what the agent cannot follow');
  }
  if (isWithoutModel(error)) {
    return fail('invalid_configuration', 'the agent has no model: set OPENAI_API_KEY, or give it a `model`');
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

/**
 * Whether the provider refused a run for its input: what it says, or what it holds beside plain text. Sent again it would
 * fail every later run of the chat.
 */
export function isInputFaulty({ code }: QuestlogError, input: readonly AgentInputItem[]): boolean {
  return code === 'model_content_filtered' || (code === 'model_input_refused' && !input.every(isPlain));
}

function isPlain(item: AgentInputItem): boolean {
  if (!('role' in item) || item.role !== 'user' || item.providerData !== undefined) return false;
  if (typeof item.content === 'string') return true;
  return item.content.every((part) => part.type === 'input_text' && part.providerData === undefined);
}

/** What the SDK says without a model provider, and its OpenAI provider without a key. */
function isWithoutModel(error: unknown): boolean {
  return error instanceof Error && /^(No default model provider set|Missing credentials)/.test(error.message);
}

function isGuardrail(error: unknown): boolean {
  return (
    error instanceof InputGuardrailTripwireTriggered ||
    error instanceof OutputGuardrailTripwireTriggered ||
    error instanceof ToolInputGuardrailTripwireTriggered ||
    error instanceof ToolOutputGuardrailTripwireTriggered
  );
}
