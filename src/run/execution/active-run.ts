import type { AgentInputItem, Runner, RunState, StreamedRunResult } from '@openai/agents-core';
import type { Database } from '../../database/database.ts';
import type { Retry } from '../../driver/retry.ts';
import type { QuestlogError } from '../../errors.ts';
import { isResult } from '../../session/turns.ts';
import { decodeItems, encodeItems } from '../../store/items/item-json.ts';
import { getRunItems } from '../../store/runs/run-items.ts';
import { saveRunState } from '../../store/runs/run-states.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import type { ApprovalRequiredEvent, RunEvent, StreamCompleteEvent } from '../../wire/events.ts';
import { toProblem } from '../../wire/problem.ts';
import type { Usage } from '../../wire/usage.ts';
import type { EventWriter } from '../events/event-writer.ts';
import { appendPartialText, toItem } from '../events/read-back.ts';
import type { ResumableStream } from '../events/resumable-stream.ts';
import { EventTranslator } from '../events/translator.ts';
import { toClosingItems, toResult } from '../journal/closing-items.ts';
import type { Journal } from '../journal/journal.ts';
import { finishRun, type StoredEnd } from '../lifecycle/finish-run.ts';
import { serializeState, toPendingCalls } from '../lifecycle/run-state.ts';
import { cancelledError, isInputGuardrail, toRunFailure, toStatus } from '../outcome/failure.ts';
import { toUsage } from '../outcome/usage.ts';
import type { ChatAgent, ChatContext, RunResult } from '../types.ts';
import { OutputBuffer } from './output-buffer.ts';
import { raceAbort } from './race-abort.ts';
import { Recorder } from './recorder.ts';
import type { RunSession } from './run-session.ts';
import type { WriteAhead } from './write-ahead.ts';

/** What a run needs while this process executes it. */
export interface RunParts {
  readonly db: Database;
  readonly runner: Runner;
  readonly agent: ChatAgent;
  readonly writeAhead: WriteAhead;
  readonly lease: RunLease;
  readonly context: ChatContext;
  readonly session: RunSession | undefined;
  readonly journal: Journal;
  readonly stream: ResumableStream;
  readonly writer: EventWriter;
  readonly retry: Retry;
  readonly maxItemBytes: number | undefined;
  /** Where the input and what follows it stand; the same when a run goes on after a pause. */
  readonly inputFrom: number;
  readonly journalFrom: number;
}

/** A run in the process that executes it, from its begin or resumption to its end or pause. */
export class ActiveRun {
  readonly #parts: RunParts;
  readonly #abort = new AbortController();
  readonly #output: OutputBuffer;
  readonly #translator = new EventTranslator();
  readonly #runner: Runner;
  readonly #recorder: Recorder;
  #partialText = '';
  #usage: (() => Usage) | undefined;
  #isOver = false;
  #hasNoOutput = true;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#output = new OutputBuffer(parts.runner, parts.agent, (event) => this.#emit(event));
    const recorder = new Recorder(parts.journal, this.#output, parts.agent);
    parts.writeAhead.persistWith((answer) => recorder.recordAnswer(answer));
    this.#runner = parts.writeAhead.wrapRunner(parts.runner);
    this.#runner.on('agent_tool_end', (_context, agent, tool, result, { toolCall }) => {
      if (toolCall.type !== 'function_call') return;
      recorder.recordToolResult(agent, toResult(toolCall.callId, tool.name, result));
    });
    this.#recorder = recorder;
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
   * @throws QuestlogError how it failed; that is stored by then.
   */
  async execute(input: AgentInputItem[] | RunState<ChatContext, ChatAgent>): Promise<RunResult> {
    try {
      const result = await raceAbort(this.#stream(input), this.#abort.signal);
      return result.interruptions.length > 0 ? await this.#pause(result) : await this.#complete(result);
    } catch (error) {
      this.#isOver = true;
      const failure = toRunFailure(
        this.#abort.signal.aborted ? this.#abort.signal.reason : error,
        this.#hasNoOutput,
      );
      await this.#fail(failure, isInputGuardrail(error));
      throw failure;
    } finally {
      // Of a run whose end could not be stored.
      const { stream, writer } = this.#parts;
      await writer.detach(stream);
      stream.end(true);
    }
  }

  async #stream(
    input: AgentInputItem[] | RunState<ChatContext, ChatAgent>,
  ): Promise<StreamedRunResult<ChatContext, ChatAgent>> {
    const { agent, context, session } = this.#parts;
    const runner = this.#runner;
    const filter = runner.config.callModelInputFilter;
    // The session brings the input, as the end of the history.
    const brought = session !== undefined && Array.isArray(input) ? [] : input;
    const result = await runner.run(agent, brought, {
      stream: true,
      context,
      signal: this.#abort.signal,
      ...(session === undefined ? {} : { session }),
      callModelInputFilter: async (args) => {
        await this.#recorder.beginModelCall(args.agent);
        return filter ? filter(args) : args.modelData;
      },
    });
    this.#usage = () => toUsage(result.runContext.usage);
    // A run that goes on may have been handed over.
    if (result.currentAgent !== undefined) this.#output.switchAgent(result.currentAgent);
    for await (const event of result) {
      if (event.type === 'agent_updated_stream_event') this.#output.switchAgent(event.agent);
      if (event.type === 'raw_model_stream_event' && event.data.type === 'response_started')
        this.#output.flush();
      for (const translated of this.#translator.translate(event)) this.#output.push(translated);
    }
    await result.completed;
    // An aborted stream of the SDK ends without an error.
    this.#abort.signal.throwIfAborted();
    return result;
  }

  #emit(event: RunEvent): void {
    // Of a run that was not waited for any longer.
    if (this.#isOver) return;
    this.#hasNoOutput = false;
    this.#parts.stream.append(event);
    this.#partialText = appendPartialText(this.#partialText, event);
    const item = toItem(event);
    // Those of function tools are here already, those of handoffs and other tools come only now.
    if (item !== undefined && isResult(item)) this.#recorder.recordResult(item);
  }

  async #complete(result: StreamedRunResult<ChatContext, ChatAgent>): Promise<StreamCompleteEvent> {
    this.#output.flush();
    this.#recorder.flush();
    const { chatId, runId } = this.#parts.lease;
    const event: StreamCompleteEvent = {
      type: 'stream_complete',
      final_output: result.finalOutput ?? null,
      usage: toUsage(result.runContext.usage),
      response_id: result.lastResponseId ?? null,
      session_id: chatId,
      run_id: runId,
    };
    const { final_output, response_id } = event;
    await finishRun(this.#parts, event, {
      status: 'completed',
      ...(await this.#finalItems()),
      usage: JSON.stringify(event.usage),
      outcome: JSON.stringify({ final_output, response_id }),
    });
    return event;
  }

  async #pause(result: StreamedRunResult<ChatContext, ChatAgent>): Promise<ApprovalRequiredEvent> {
    this.#output.flush();
    this.#recorder.flush();
    const { chatId, runId, userId } = this.#parts.lease;
    const pending = toPendingCalls(result.interruptions);
    const usage = toUsage(result.runContext.usage);
    const event: ApprovalRequiredEvent = {
      type: 'approval_required',
      pending,
      usage,
      session_id: chatId,
      run_id: runId,
    };
    const state = serializeState(result.state);
    await finishRun(
      this.#parts,
      event,
      {
        status: 'awaiting_approval',
        ...(await this.#finalItems()),
        usage: JSON.stringify(usage),
        pending: JSON.stringify(pending),
      },
      async (tx) => {
        // Asked for when it still ran, by another process.
        if (!(await saveRunState(tx, userId, runId, state))) throw cancelledError();
      },
    );
    return event;
  }

  /** The SDK's own items in place of the journal; the journal's, where the SDK hands over none. */
  async #finalItems(): Promise<Pick<StoredEnd, 'items' | 'replaceFrom' | 'compacts'>> {
    const { session, journal, journalFrom, maxItemBytes } = this.#parts;
    const rest = await journal.stop();
    const { newItems = [], compacted = false } = session ?? {};
    if (newItems.length === 0 && !compacted) return { items: encodeItems(rest, { maxItemBytes }) };
    return { items: encodeItems(newItems, { maxItemBytes }), replaceFrom: journalFrom, compacts: compacted };
  }

  async #fail(failure: QuestlogError, blocked: boolean): Promise<void> {
    const { lease, journal, journalFrom, inputFrom, maxItemBytes } = this.#parts;
    const rest = await journal.stop();
    const left = blocked ? [] : [...rest, ...(await this.#toClosingItems(rest))];
    const problem = toProblem(failure);
    await finishRun(
      this.#parts,
      { type: 'error', ...problem, session_id: lease.chatId, run_id: lease.runId },
      {
        status: toStatus(failure),
        items: encodeItems(left, { maxItemBytes }),
        usage: JSON.stringify(this.#usage?.()),
        error: JSON.stringify(problem),
        ...(blocked ? { blockFrom: inputFrom, replaceFrom: journalFrom } : {}),
      },
    );
  }

  /** A call without its result may be from before a pause: what the run has stored counts, not what this process saw. */
  async #toClosingItems(rest: readonly AgentInputItem[]): Promise<AgentInputItem[]> {
    const { db, lease, retry } = this.#parts;
    if (lease.chatId === null) return [];
    const texts = await retry(() => getRunItems(db, lease, 0));
    return toClosingItems([...decodeItems<AgentInputItem>(texts), ...rest], this.#partialText);
  }
}
