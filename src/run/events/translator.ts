import type { RunItemStreamEvent, RunStreamEvent } from '@openai/agents-core';
import type { RawResponseEvent, RunEvent, RunItemEvent } from '../../wire/events.ts';

/** Turns the SDK's stream events into ours. Makes none for what clients have no use for. */
export class EventTranslator {
  /** Tool calls by the id that argument deltas refer to them with. */
  readonly #callIds = new Map<string, string>();
  #reported: unknown;

  /** What the provider said in its stream to be wrong, if it did. */
  get reported(): unknown {
    return this.#reported;
  }

  translate(event: RunStreamEvent): RunEvent[] {
    switch (event.type) {
      case 'raw_model_stream_event':
        if (event.data.type === 'output_text_delta') return toDelta('text_delta', event.data.delta);
        return event.data.type === 'model' ? this.#fromProvider(event.data.event) : [];
      case 'run_item_stream_event':
        return [toRunItem(event)];
      case 'agent_updated_stream_event':
        return [{ type: 'agent_updated', agent: event.agent.name }];
    }
  }

  /** Events of OpenAI's Responses API by `type`; chunks of Chat Completions have `choices`. */
  #fromProvider(event: unknown): RunEvent[] {
    if (!isRecord(event)) return [];
    if (Array.isArray(event.choices)) return event.choices.flatMap((choice) => this.#fromChoice(choice));
    switch (event.type) {
      case 'response.output_item.added':
        this.#remember(event.item);
        return [];
      case 'response.reasoning_text.delta':
      case 'response.reasoning_summary_text.delta':
        return toDelta('reasoning_delta', event.delta);
      case 'response.refusal.delta':
        return toDelta('refusal_delta', event.delta);
      case 'error':
      case 'response.failed':
        this.#reported = isRecord(event.response) ? event.response.error : event;
        return [];
      case 'response.function_call_arguments.delta':
        return toDelta('tool_arguments_delta', event.delta, this.#callIds.get(String(event.item_id)));
      default:
        return [];
    }
  }

  #fromChoice(choice: unknown): RunEvent[] {
    if (!isRecord(choice) || !isRecord(choice.delta)) return [];
    const { reasoning, reasoning_content: reasoningContent, refusal, tool_calls: calls } = choice.delta;
    return [
      ...toDelta('reasoning_delta', reasoning ?? reasoningContent),
      ...toDelta('refusal_delta', refusal),
      ...(Array.isArray(calls) ? calls.flatMap((call) => this.#fromCall(call)) : []),
    ];
  }

  #fromCall(call: unknown): RunEvent[] {
    if (!isRecord(call)) return [];
    const key = `call ${String(call.index)}`;
    if (typeof call.id === 'string' && call.id !== '') this.#callIds.set(key, call.id);
    const args = isRecord(call.function) ? call.function.arguments : undefined;
    return toDelta('tool_arguments_delta', args, this.#callIds.get(key));
  }

  #remember(item: unknown): void {
    if (!isRecord(item) || typeof item.id !== 'string' || typeof item.call_id !== 'string') return;
    this.#callIds.set(item.id, item.call_id);
  }
}

function toDelta(kind: RawResponseEvent['kind'], text: unknown, callId?: string): RunEvent[] {
  if (typeof text !== 'string' || text === '') return [];
  return [{ type: 'raw_response', kind, delta: text, ...(callId === undefined ? {} : { call_id: callId }) }];
}

function toRunItem({ name, item }: RunItemStreamEvent): RunItemEvent {
  const agent = 'agent' in item ? item.agent.name : 'sourceAgent' in item ? item.sourceAgent.name : null;
  return { type: 'run_item', name, agent, item: isRecord(item.rawItem) ? item.rawItem : {} };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
