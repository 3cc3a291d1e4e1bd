import type { StreamEvent } from '@openai/agents-core';
import { QuestlogError } from '../../errors.ts';
import { mendUsage } from '../usage/mend-usage.ts';
import type { CallIds } from './call-ids.ts';
import { toIncompleteEvent } from './incomplete-answer.ts';

/** Why an answer is not whole: the model's limit, the provider's filter, a stream that ended too early. */
export type Incomplete = 'length' | 'content_filter' | 'cut_off';

export type Done = Extract<StreamEvent, { type: 'response_done' }>;
type OutputItem = Done['response']['output'][number];
type Fields = Readonly<Record<string, unknown>>;

/** Reads the stream of one answer: its calls get ids of their own, and what ended it is known. */
export class AnswerReader {
  readonly #callIds: CallIds;
  #hasChunks = false;
  #finish: unknown;

  constructor(callIds: CallIds) {
    this.#callIds = callIds;
  }

  /** Whether the model has not said anything yet by this event. */
  static isBeginning(event: StreamEvent): boolean {
    if (event.type === 'response_started') return true;
    if (event.type !== 'model' || !isRecord(event.event)) return false;
    const { type, choices } = event.event;
    if (type === 'response.created' || type === 'response.in_progress' || type === 'response.queued')
      return true;
    const [choice] = Array.isArray(choices) ? (choices as unknown[]) : [];
    return (
      isRecord(choice) && isRecord(choice.delta) && !choice.delta.content && !('tool_calls' in choice.delta)
    );
  }

  /** @throws an error by which the provider is known to have failed. */
  static assertNoFailure(event: StreamEvent): void {
    if (event.type !== 'model' || !isRecord(event.event)) return;
    const raw = event.event;
    if (raw.type === 'response.failed')
      throw toProviderError(isRecord(raw.response) ? raw.response.error : undefined);
    if (raw.type === 'error' || raw.type === 'response.error') {
      throw toProviderError(isRecord(raw.error) ? raw.error : raw);
    }
  }

  get incomplete(): Incomplete | null {
    if (this.#finish === 'length' || this.#finish === 'max_output_tokens') return 'length';
    if (this.#finish === 'content_filter') return 'content_filter';
    return this.#hasChunks && this.#finish === undefined ? 'cut_off' : null;
  }

  /** @throws an error by which the provider is known to have failed in the middle of its answer. */
  read(event: StreamEvent): StreamEvent {
    if (event.type === 'response_done') return this.#finishAnswer(event);
    if (event.type !== 'model' || !isRecord(event.event)) return event;
    const raw = event.event;
    if (Array.isArray(raw.choices)) return withRaw(event, this.#readChunk(raw, raw.choices));
    switch (raw.type) {
      case 'response.output_item.added':
      case 'response.output_item.done':
        return withRaw(event, this.#readItem(raw));
      case 'response.incomplete': {
        const { response } = raw;
        const details = isRecord(response) ? response.incomplete_details : undefined;
        this.#finish = isRecord(details) ? details.reason : 'length';
        return this.#finishAnswer(toIncompleteEvent(response));
      }
      default:
        AnswerReader.assertNoFailure(event);
        return event;
    }
  }

  #finishAnswer(event: Done): Done {
    if (this.#finish === 'error') throw toProviderError(undefined);
    const made = this.#callIds.finish(event.response.output);
    const output = this.incomplete === null ? made : this.#cutOff(made, this.incomplete);
    return { ...event, response: { ...event.response, usage: mendUsage(event.response.usage), output } };
  }

  /** What the model meant to call is not known; only of a server that never says how it ended, a whole call is one. */
  #cutOff(output: readonly OutputItem[], why: Incomplete): OutputItem[] {
    const kept = output
      .filter((item) => item.type !== 'function_call' || (why === 'cut_off' && isJson(item.arguments)))
      .map(markIncomplete);
    if (kept.some(({ type }) => type === 'message' || type === 'function_call')) return kept;
    if (why === 'content_filter') {
      throw new QuestlogError(
        'model_content_filtered',
        "the content filter of the model's provider cut the answer off",
      );
    }
    throw new QuestlogError('model_failed', "the model's answer was cut off before it said anything");
  }

  #readItem(raw: Fields): Fields {
    const { item, output_index: place } = raw;
    if (!isRecord(item) || item.type !== 'function_call' || typeof place !== 'number') return raw;
    const id = this.#callIds.begin(place, String(item.call_id ?? ''));
    return id === item.call_id ? raw : { ...raw, item: { ...item, call_id: id } };
  }

  #readChunk(raw: Fields, choices: readonly unknown[]): Fields {
    this.#hasChunks ||= choices.length > 0;
    const [choice] = choices;
    if (!isRecord(choice)) return raw;
    this.#finish = choice.finish_reason ?? this.#finish;
    const calls = isRecord(choice.delta) ? choice.delta.tool_calls : undefined;
    if (!Array.isArray(calls)) return raw;
    const renamed = calls.map((call: unknown) => {
      if (!isRecord(call) || typeof call.index !== 'number' || call.type === 'custom') return call;
      return { ...call, id: this.#callIds.begin(call.index, typeof call.id === 'string' ? call.id : '') };
    });
    return { ...raw, choices: [{ ...choice, delta: { ...(choice.delta as Fields), tool_calls: renamed } }] };
  }
}

/** Most events stay as they are. */
function withRaw(event: Extract<StreamEvent, { type: 'model' }>, raw: Fields): StreamEvent {
  return raw === event.event ? event : { ...event, event: raw };
}

/** What a provider says of its failure in a stream, as its client would have thrown it. */
function toProviderError(error: unknown): Error {
  const { message, code, type } = isRecord(error) ? error : {};
  const failure = new Error(
    typeof message === 'string' ? message : 'the provider ended its answer with an error',
  );
  return Object.assign(failure, { code, type, ...(code == null && type == null ? { status: 502 } : {}) });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text === '' ? '{}' : text);
    return true;
  } catch {
    return false;
  }
}

function markIncomplete(item: OutputItem): OutputItem {
  return item.type === 'message' ? { ...item, status: 'incomplete' } : item;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
