import type { Runner } from '@openai/agents-core';
import type { RunEvent } from '../../wire/events.ts';
import type { ChatAgent } from '../types.ts';

/**
 * Buffers the output that an output guardrail has still to judge, so that what it withholds is never sent or logged.
 * Without such a guardrail everything passes at once.
 */
export class OutputBuffer {
  readonly #runner: Runner;
  readonly #emit: (event: RunEvent) => void;
  #agent: ChatAgent;
  readonly #buffered: RunEvent[] = [];

  constructor(runner: Runner, agent: ChatAgent, emit: (event: RunEvent) => void) {
    this.#runner = runner;
    this.#agent = agent;
    this.#emit = emit;
  }

  /** Takes over to another agent, whose guardrails count from here. */
  switchAgent(agent: ChatAgent): void {
    this.flush();
    this.#agent = agent;
  }

  push(event: RunEvent): void {
    if (isCall(event)) this.flush();
    if (this.#mustHold(event)) this.#buffered.push(event);
    else this.#emit(event);
  }

  /** Emits what is buffered: it was not the final answer, or it passed. */
  flush(): void {
    for (const event of this.#buffered.splice(0)) this.#emit(event);
  }

  /** Whether a guardrail judges the answer of this agent. */
  hasGuardrail(agent: ChatAgent): boolean {
    return agent.outputGuardrails.length > 0 || (this.#runner.config.outputGuardrails?.length ?? 0) > 0;
  }

  /** Whether the result of a tool may itself become the answer, which a guardrail then judges. */
  guardsToolResults(agent: ChatAgent): boolean {
    return agent.toolUseBehavior !== 'run_llm_again' && this.hasGuardrail(agent);
  }

  #mustHold(event: RunEvent): boolean {
    if (!this.hasGuardrail(this.#agent)) return false;
    if (event.type === 'raw_response') return event.kind !== 'tool_arguments_delta';
    if (event.type !== 'run_item') return false;
    if (event.name === 'tool_output') return this.guardsToolResults(this.#agent);
    return event.name === 'message_output_created' || event.name === 'reasoning_item_created';
  }
}

/** An answer that calls something is not the final one. */
function isCall(event: RunEvent): boolean {
  return event.type === 'run_item' && (event.name === 'tool_called' || event.name === 'handoff_requested');
}
