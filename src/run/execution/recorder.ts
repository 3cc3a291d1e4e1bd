import type { AgentInputItem } from '@openai/agents-core';
import type { Journal } from '../journal/journal.ts';
import { isCall } from '../model-input/history-view.ts';
import type { ChatAgent } from '../types.ts';
import type { Gate } from './output-buffer.ts';

/** Brings what a run makes to its journal, as soon as no output guardrail can withhold it any more. */
export class Recorder {
  readonly #journal: Journal;
  readonly #gate: Gate;
  /** Whom the model answers for: the events of the stream come later. */
  #asking: ChatAgent;
  readonly #held: AgentInputItem[] = [];

  constructor(journal: Journal, gate: Gate, agent: ChatAgent) {
    this.#journal = journal;
    this.#gate = gate;
    this.#asking = agent;
  }

  /** The model is asked, which it is not before what happened until now is stored. */
  async ask(agent: ChatAgent): Promise<void> {
    this.#asking = agent;
    this.pass();
    await this.#journal.flush();
  }

  /** The model has answered. What it calls is stored before the SDK executes it. */
  async answer(items: readonly AgentInputItem[]): Promise<void> {
    const calls = items.some(isCall);
    if (!calls && this.#gate.guards(this.#asking)) {
      this.#held.push(...items);
      return;
    }
    for (const item of items) this.#journal.add(item);
    if (calls) await this.#journal.flush();
    else this.#journal.flushSoon();
  }

  /** A tool of this agent has finished: its result counts from now on, whatever happens to the run. */
  toolEnded(agent: ChatAgent, result: AgentInputItem): void {
    if (this.#gate.guardsResults(agent)) this.#held.push(result);
    else this.add(result);
  }

  add(result: AgentInputItem): void {
    this.#journal.add(result);
    this.#journal.flush().catch(() => undefined);
  }

  /** What is held was not the final answer, or it passed. */
  pass(): void {
    for (const item of this.#held.splice(0)) this.#journal.add(item);
  }
}
