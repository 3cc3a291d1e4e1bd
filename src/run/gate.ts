import type { Runner } from '@openai/agents-core';
import type { RunEvent } from '../wire/events.ts';
import type { ChatAgent } from './run.ts';

/**
 * Holds back what an output guardrail has still to judge, so that what it withholds was never sent, journaled or
 * logged. Without such a guardrail everything passes at once.
 */
export class Gate {
  readonly #runner: Runner;
  readonly #emit: (event: RunEvent) => void;
  #agent: ChatAgent;
  #held: RunEvent[] = [];

  constructor(runner: Runner, agent: ChatAgent, emit: (event: RunEvent) => void) {
    this.#runner = runner;
    this.#agent = agent;
    this.#emit = emit;
  }

  /** Another agent goes on: its guardrails count from here. */
  follow(agent: ChatAgent): void {
    this.release();
    this.#agent = agent;
  }

  pass(event: RunEvent): void {
    if (this.#holds(event)) this.#held.push(event);
    else this.#emit(event);
  }

  /** Whether the result of a tool may itself become the answer, which a guardrail then judges. */
  get holdsToolResults(): boolean {
    return this.#isGuarded && this.#agent.toolUseBehavior !== 'run_llm_again';
  }

  /** What is held was not the final answer, or it passed. */
  release(): void {
    for (const event of this.#held.splice(0)) this.#emit(event);
  }

  get #isGuarded(): boolean {
    return this.#agent.outputGuardrails.length > 0 || (this.#runner.config.outputGuardrails?.length ?? 0) > 0;
  }

  #holds(event: RunEvent): boolean {
    if (!this.#isGuarded) return false;
    if (event.type === 'raw_response') return event.kind !== 'tool_arguments_delta';
    if (event.type !== 'run_item') return false;
    return event.name === 'message_output_created' || (event.name === 'tool_output' && this.holdsToolResults);
  }
}
