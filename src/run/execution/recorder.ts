import type { AgentInputItem } from '@openai/agents-core';
import { isCall } from '../../session/calls.ts';
import { toText } from '../events/read-back.ts';
import type { Journal } from '../journal/journal.ts';
import type { ChatAgent } from '../types.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** Adds what a run makes to its journal, as soon as no output guardrail can withhold it any more. */
export class Recorder {
  readonly #journal: Journal;
  readonly #output: OutputBuffer;
  /** The agent that the model answers for: the stream tells of it only later. */
  #agent: ChatAgent;
  readonly #buffered: AgentInputItem[] = [];
  readonly #texts: string[] = [];

  constructor(journal: Journal, output: OutputBuffer, agent: ChatAgent) {
    this.#journal = journal;
    this.#output = output;
    this.#agent = agent;
  }

  /** What the model has said in its whole answers, message by message. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  /** Stores what happened until now, before the model is called. */
  async beginModelCall(agent: ChatAgent): Promise<void> {
    this.#agent = agent;
    this.flush();
    await this.#journal.flush();
  }

  /** Records an answer of the model. What it calls is stored before the SDK executes it. */
  async recordAnswer(items: readonly AgentInputItem[]): Promise<void> {
    for (const item of items) if ('role' in item && item.role === 'assistant') this.#texts.push(toText(item));
    const calls = items.some(isCall);
    if (!calls && this.#output.hasGuardrail(this.#agent)) {
      this.#buffered.push(...items);
      return;
    }
    for (const item of items) this.#journal.add(item);
    if (calls) await this.#journal.flush();
    else this.#journal.flushSoon();
  }

  /** Records the result of an agent's tool: it counts from now on, whatever happens to the run. */
  recordToolResult(agent: ChatAgent, result: AgentInputItem): void {
    if (this.#output.guardsToolResults(agent)) this.#buffered.push(result);
    else this.recordResult(result);
  }

  recordResult(result: AgentInputItem): void {
    this.#journal.add(result);
    this.#journal.flush().catch(() => undefined);
  }

  /** Adds what is buffered: it was not the final answer, or it passed. */
  flush(): void {
    for (const item of this.#buffered.splice(0)) this.#journal.add(item);
  }
}
