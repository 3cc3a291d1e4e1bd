import type { AgentInputItem, Runner, Session, Usage } from '@openai/agents-core';
import { QuestlogError } from '../errors.ts';
import type { RunEvent } from '../wire/events.ts';
import { toProblem } from '../wire/problem.ts';
import type { ChatContext } from './context.ts';
import type { EventLog } from './event-log.ts';
import { toRunFailure } from './failure.ts';
import type { ChatAgent, RunOutcome } from './run.ts';
import { EventTranslator } from './run-events.ts';

export interface Execution {
  readonly agent: ChatAgent;
  readonly input: AgentInputItem[];
  readonly context: ChatContext;
  /** Its history ends with the input. */
  readonly session: Session | undefined;
  readonly events: EventLog<RunEvent>;
  readonly signal: AbortSignal;
}

/** A model or tool that does not listen to its signal is not waited for any longer than this. */
const DEAF_MS = 500;

/**
 * Runs the agent to its end and writes every event. Always streamed, since what happens should be seen as it happens.
 *
 * @throws QuestlogError after an `error` event that says the same.
 */
export async function execute(runner: Runner, execution: Execution): Promise<RunOutcome> {
  const { context, events, signal } = execution;
  const ids = { session_id: context.chatId, run_id: context.runId };
  try {
    const outcome = { ...(await Promise.race([stream(runner, execution), givenUp(signal)])), ...ids };
    events.append({ type: 'stream_complete', ...outcome });
    return outcome;
  } catch (error) {
    const failure = toRunFailure(signal.aborted ? signal.reason : error, events.isEmpty);
    events.append({ type: 'error', ...toProblem(failure), ...ids });
    throw failure;
  } finally {
    events.end();
  }
}

/** Rejects a while after the signal, so that the SDK can end by itself first. */
function givenUp(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => setTimeout(reject, DEAF_MS, signal.reason), { once: true });
  });
}

async function stream(
  runner: Runner,
  { agent, input, context, session, events, signal }: Execution,
): Promise<Omit<RunOutcome, 'session_id' | 'run_id'>> {
  const translator = new EventTranslator();
  const options = { stream: true, context, signal } as const;
  const result =
    session === undefined
      ? await runner.run(agent, input, options)
      : await runner.run(agent, [], { ...options, session });
  for await (const event of result) {
    for (const translated of translator.translate(event)) events.append(translated);
  }
  await result.completed;
  // An aborted stream of the SDK ends without an error.
  signal.throwIfAborted();
  if (result.interruptions.length > 0) {
    const names = result.interruptions.map((item) => item.name ?? 'a tool').join(', ');
    throw new QuestlogError(
      'run_failed',
      `the run waits for an approval (${names}), which cannot be given yet`,
    );
  }
  return {
    final_output: result.finalOutput ?? null,
    usage: toUsage(result.runContext.usage),
    response_id: result.lastResponseId ?? null,
  };
}

function toUsage(usage: Usage): RunOutcome['usage'] {
  return {
    requests: usage.requests,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens,
  };
}
