import type { AgentInputItem } from '@openai/agents-core';
import type { Journal } from '../journal/journal.ts';
import { isCall } from '../model-input/history-view.ts';
import type { ChatAgent } from '../types.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** Brings what a run makes to its journal, as soon as no output guardrail can withhold it any more. */
export class Recorder {
  readonly #journal: Journal;
  readonly #output: OutputBuffer;
  /** Whom the model answers for: the events of the stream come later. */
  #agent: ChatAgent;
  readonly #buffered: AgentInputItem[] = [];

  constructor(journal: Journal, gate: OutputBuffer, agent: ChatAgent) {
    this.#journal = journal;
    this.#output = gate;
    this.#agent = agent;
  }

  /** The model is asked, which it is not before what happened until now is stored. */
  async beginModelCall(agent: ChatAgent): Promise<void> {
    this.#agent = agent;
    this.flush();
    await this.#journal.flush();
  }

  /** The model has answered. What it calls is stored before the SDK executes it. */
  async recordAnswer(items: readonly AgentInputItem[]): Promise<void> {
    const calls = items.some(isCall);
    if (!calls && this.#output.hasGuardrail(this.#agent)) {
      this.#buffered.push(...items);
      return;
    }
    for (const item of items) this.#journal.add(item);
    if (calls) await this.#journal.flush();
    else this.#journal.flushSoon();
  }

  /** A tool of this agent has finished: its result counts from now on, whatever happens to the run. */
  recordToolResult(agent: ChatAgent, result: AgentInputItem): void {
    if (this.#output.guardsToolResults(agent)) this.#buffered.push(result);
    else this.recordResult(result);
  }

  recordResult(result: AgentInputItem): void {
    this.#journal.add(result);
    this.#journal.flush().catch(() => undefined);
  }

  /** What is held was not the final answer, or it passed. */
  flush(): void {
    for (const item of this.#buffered.splice(0)) this.#journal.add(item);
  }
}
