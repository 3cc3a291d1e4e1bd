import type { AgentInputItem, Runner, RunState, StreamedRunResult, Usage } from '@openai/agents-core';
import { FIRST_TOKENS, type RunActivity } from '../../channels.ts';
import type { QuestlogError } from '../../errors.ts';
import { isResult, toCallPart } from '../../session/calls.ts';
import type { RunEvent } from '../../wire/events.ts';
import { appendPartialText, toItem } from '../events/read-back.ts';
import type { ResumableStream } from '../events/resumable-stream.ts';
import { EventTranslator } from '../events/translator.ts';
import { INTERRUPTED_RESULT, NOT_EXECUTED_RESULT } from '../journal/closing-items.ts';
import { toToolResult } from '../journal/tool-result.ts';
import { ModelCalls } from '../model-calls/model-calls.ts';
import { isInputFaulty, isInputGuardrail, toRunFailure } from '../outcome/failure.ts';
import { redact } from '../outcome/redact.ts';
import { toUsage } from '../outcome/usage.ts';
import type { ChatAgent, ChatContext, RunResult } from '../types.ts';
import { OutputBuffer } from './output-buffer.ts';
import { raceAbort } from './race-abort.ts';
import { Recorder } from './recorder.ts';
import { Refusal } from './refusal.ts';
import { completeRun, failRun, pauseRun } from './run-end.ts';
import type { RunParts } from './run-parts.ts';

/** A run in the process that executes it, from its begin or resumption to its end or pause. */
export class ActiveRun {
  readonly #parts: RunParts;
  readonly #abort = new AbortController();
  readonly #output: OutputBuffer;
  readonly #translator = new EventTranslator();
  readonly #runner: Runner;
  readonly #recorder: Recorder;
  readonly #refusal: Refusal;
  readonly #begunCalls = new Set<string>();
  #partialText = '';
  /** How many messages of the model have come to their end in the stream. */
  #finishedMessages = 0;
  #sdkUsage: Usage | undefined;
  #isOver = false;
  #activity: RunActivity | undefined;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#output = new OutputBuffer(parts.runner, parts.agent, (event) => this.#emit(event));
    const recorder = new Recorder(parts.journal, this.#output, parts.agent);
    this.#runner = parts.models.wrapRunner(parts.runner);
    this.#runner.on('agent_tool_start', (_context, _agent, _tool, { toolCall }) => {
      this.#begunCalls.add(toCallPart(toolCall)?.id ?? '');
    });
    this.#runner.on('agent_tool_end', (context, agent, tool, result, { toolCall }) => {
      parts.counted.reconcile(context.usage);
      if (toolCall.type !== 'function_call' || UNSURE_RESULTS.has(result)) return;
      // A tool that throws can quote what it was configured with.
      const told = /^\w*Error: /.test(result) ? redact(result, parts.secrets ?? []) : result;
      recorder.recordToolResult(agent, toToolResult(toolCall.callId, tool.name, told));
    });
    this.#recorder = recorder;
    this.#refusal = new Refusal(this.#output);
  }

  get stream(): ResumableStream {
    return this.#parts.stream;
  }

  /** Ends the run with this reason as soon as the model and its tools listen. */
  abort(reason: QuestlogError): void {
    this.#abort.abort(reason);
  }

  /**
   * Executes the agent on its input or its restored state.
   *
   * @param activity where somebody listens to it.
   * @throws QuestlogError how it failed; that is stored by then.
   */
  async execute(
    input: AgentInputItem[] | RunState<ChatContext, ChatAgent>,
    activity?: RunActivity,
  ): Promise<RunResult> {
    this.#activity = activity;
    const calls = this.#interceptCalls(input);
    try {
      const result = await raceAbort(this.#stream(input, calls), this.#abort.signal);
      this.#output.flush();
      this.#recorder.flush();
      const { incomplete, omittedTurns } = calls;
      if (result.interruptions.length > 0) return await pauseRun(this.#parts, result, omittedTurns);
      return await completeRun(this.#parts, result, {
        final_output: this.#refusal.outputOf(result),
        refusal: this.#refusal.text,
        incomplete,
        omitted_turns: omittedTurns,
      });
    } catch (error) {
      this.#isOver = true;
      const { aborted, reason } = this.#abort.signal;
      const failure = toRunFailure(aborted ? reason : error, this.#parts.secrets);
      const isRefused = Array.isArray(input) && calls.hasNoAnswer && isInputFaulty(failure, input);
      await failRun(this.#parts, {
        failure,
        blocked: isInputGuardrail(error) || isRefused,
        usage: this.#sdkUsage && toUsage(this.#sdkUsage),
        partialText: this.#unstoredText(),
        resultOf: (callId) => (this.#begunCalls.has(callId) ? INTERRUPTED_RESULT : NOT_EXECUTED_RESULT),
      });
      throw failure;
    } finally {
      // Of a run whose end could not be stored.
      const { stream, writer, counted } = this.#parts;
      counted.reconcile(this.#sdkUsage);
      await Promise.all([writer.detach(stream), counted.close()]);
      stream.end(true);
    }
  }

  #interceptCalls(given: AgentInputItem[] | RunState<ChatContext, ChatAgent>): ModelCalls {
    const [input, made] = Array.isArray(given) ? [given, []] : [[], given.history];
    const { models, halvesHistory, stream, counted } = this.#parts;
    if (!Array.isArray(given)) counted.goOnFrom(given.usage);
    const persist = (answer: readonly AgentInputItem[]) => this.#recorder.recordAnswer(answer);
    const waitForRoom = () => stream.waitForRoom();
    const calls = new ModelCalls({ input, made, halvesHistory, persist, waitForRoom, counted });
    models.intercept(calls);
    return calls;
  }

  async #stream(
    input: AgentInputItem[] | RunState<ChatContext, ChatAgent>,
    calls: ModelCalls,
  ): Promise<StreamedRunResult<ChatContext, ChatAgent>> {
    const { agent, context, session, runOptions } = this.#parts;
    const runner = this.#runner;
    const filter = runOptions.callModelInputFilter ?? runner.config.callModelInputFilter;
    // A run that goes on keeps the limit in its state.
    const { maxTurns, ...options } = runOptions;
    // The session brings the input, as the end of the history.
    const brought = session !== undefined && Array.isArray(input) ? [] : input;
    const result = await runner.run(agent, brought, {
      ...options,
      ...(maxTurns === undefined || !Array.isArray(input) ? {} : { maxTurns }),
      stream: true,
      context,
      signal: this.#abort.signal,
      ...(session === undefined ? {} : { session }),
      errorHandlers: { modelRefusal: this.#refusal.handle, ...options.errorHandlers },
      callModelInputFilter: async (args) => {
        this.#parts.counted.reconcile(this.#sdkUsage);
        await this.#recorder.beginModelCall(args.agent);
        calls.begin();
        return filter ? filter(args) : args.modelData;
      },
    });
    this.#sdkUsage = result.runContext.usage;
    // A run that goes on may have been handed over.
    if (result.currentAgent !== undefined) this.#output.switchAgent(result.currentAgent);
    await this.#follow(result).catch((error: unknown) => {
      if (!this.#refusal.isEnd(error)) throw error;
    });
    // An aborted stream of the SDK ends without an error.
    this.#abort.signal.throwIfAborted();
    return result;
  }

  async #follow(result: StreamedRunResult<ChatContext, ChatAgent>): Promise<void> {
    for await (const event of result) {
      if (event.type === 'agent_updated_stream_event') this.#output.switchAgent(event.agent);
      if (event.type === 'raw_model_stream_event' && event.data.type === 'response_started')
        this.#output.flush();
      for (const translated of this.#translator.translate(event)) this.#output.push(translated);
    }
    await result.completed;
  }

  #emit(event: RunEvent): void {
    // Of a run that was not waited for any longer.
    if (this.#isOver) return;
    this.#parts.stream.append(event);
    if (this.#activity !== undefined && event.type === 'raw_response') {
      FIRST_TOKENS.publish(this.#activity);
      this.#activity = undefined;
    }
    this.#partialText = appendPartialText(this.#partialText, event);
    if (event.type === 'run_item' && event.name === 'message_output_created') this.#finishedMessages += 1;
    const item = toItem(event);
    // Those of function tools are here already, those of handoffs and other tools come only now.
    if (item !== undefined && isResult(item) && !isAborted(item)) this.#recorder.recordResult(item);
  }

  /** What the model had written of a message, unless the whole answer is in the journal already. */
  #unstoredText(): string {
    const whole = this.#recorder.texts[this.#finishedMessages];
    return whole?.startsWith(this.#partialText) ? '' : this.#partialText;
  }
}

/**
 * What the SDK also says of a tool that has no result: of an agent as a tool that pauses, of one that it does not wait for
 * any longer. A tool's own comes again in the stream.
 */
const UNSURE_RESULTS: ReadonlySet<string> = new Set(['', 'aborted']);

/** What the SDK makes up for a call that it does not wait for any longer: how it ended is not known. */
function isAborted(item: AgentInputItem): boolean {
  return 'status' in item && item.status === 'incomplete';
}
