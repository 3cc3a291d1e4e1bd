import {
  type AgentInputItem,
  InputGuardrailTripwireTriggered,
  MaxTurnsExceededError,
  ModelBehaviorError,
  ModelRefusalError,
  ModelTimeoutError,
  OutputGuardrailTripwireTriggered,
  ToolCallError,
  ToolInputGuardrailTripwireTriggered,
  ToolOutputGuardrailTripwireTriggered,
} from '@openai/agents-core';
import { QuestlogError } from '../../errors.ts';

/**
 * What a client may read about the end of a run that did not succeed.
 *
 * @param silent whether the model gave nothing at all: the SDK asks such a model again until its turns are used up.
 */
export function toRunFailure(error: unknown, silent = false): QuestlogError {
  if (error instanceof QuestlogError) return error;
  const fail = (code: QuestlogError['code'], message: string) =>
    new QuestlogError(code, message, { cause: error });
  if (isTimeout(error)) return fail('model_timeout', 'the model took too long to answer');
  if (error instanceof MaxTurnsExceededError) {
    if (silent) return fail('model_failed', 'the model answered with nothing');
    return fail('run_failed', 'the agent did not finish within its limit of turns');
  }
  if (isGuardrail(error)) return fail('run_refused', 'a guardrail of the agent refused this');
  if (error instanceof ToolCallError) {
    if (error.error instanceof QuestlogError) return error.error;
    return new QuestlogError('run_failed', 'a tool of the agent failed', { cause: error.error });
  }
  if (error instanceof ModelBehaviorError || error instanceof ModelRefusalError) {
    return fail('model_failed', redact(error.message));
  }
  if (isBrokenReply(error)) {
    return fail('model_failed', "the model's provider broke off, or sent what cannot be read");
  }
  if (isProviderError(error)) return fail('model_failed', `the model's provider: ${redact(error.message)}`);
  return fail('run_failed', 'the run failed');
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

/** OpenAI's client is one of many: their errors are known by their form. */
function isProviderError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const status: unknown = Reflect.get(error, 'status') ?? Reflect.get(error, 'statusCode');
  return typeof status === 'number' || namesOf(error).some((name) => /^API(Connection)?Error$/.test(name));
}

/** A connection that broke, a reply that is not JSON: `fetch` and `JSON.parse` have no classes of their own for these. */
function isBrokenReply(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  return error instanceof TypeError && /^(terminated|fetch failed)$/.test(error.message);
}

function isTimeout(error: unknown): boolean {
  if (error instanceof ModelTimeoutError) return true;
  return namesOf(error).some((name) => name === 'APIConnectionTimeoutError' || name === 'TimeoutError');
}

/** Whether the user's input was refused: it stays visible, and no later model gets it. */
export function isInputGuardrail(error: unknown): boolean {
  return error instanceof InputGuardrailTripwireTriggered;
}

/**
 * Whether the provider refused a run for its input: what it says, or what it holds beside plain text. Sent again it would
 * fail every later run of the chat.
 */
export function isInputRefused(failure: QuestlogError, input: readonly AgentInputItem[]): boolean {
  const code: string = failure.code;
  return code === 'model_content_filtered' || (code === 'model_input_refused' && !input.every(isPlain));
}

function isPlain(item: AgentInputItem): boolean {
  if (!('role' in item) || item.role !== 'user' || item.providerData !== undefined) return false;
  if (typeof item.content === 'string') return true;
  return item.content.every((part) => part.type === 'input_text' && part.providerData === undefined);
}

function isGuardrail(error: unknown): boolean {
  return (
    error instanceof InputGuardrailTripwireTriggered ||
    error instanceof OutputGuardrailTripwireTriggered ||
    error instanceof ToolInputGuardrailTripwireTriggered ||
    error instanceof ToolOutputGuardrailTripwireTriggered
  );
}

/** The class names of an error, from its own up to its base. */
function namesOf(error: unknown): string[] {
  const names: string[] = [];
  for (
    let type = Object(error).constructor;
    typeof type === 'function' && type.name;
    type = Object.getPrototypeOf(type)
  ) {
    names.push(type.name);
  }
  return error instanceof Error ? [error.name, ...names] : names;
}

/** Providers quote a wrong API key in their message. */
function redact(message: string): string {
  return message.replace(/\b(sk|key|token)[-_][\w*.-]{6,}/gi, '[redacted]').slice(0, 1_000);
}
