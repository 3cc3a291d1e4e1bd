import type { Item, NumberedEvent, RunEvent } from 'questlog/client';

/** What a run has said so far. */
export interface LiveRun {
  readonly runId: string;
  /** Its finished items, then what is on its way, in the same form. */
  readonly items: readonly Item[];
  readonly agent: string | undefined;
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Puts a run together from its events. */
export class RunAssembler {
  readonly #items: Item[] = [];
  #reasoning = '';
  #text = '';
  /** Arguments that are being written, by call. */
  readonly #arguments = new Map<string, string>();
  #agent: string | undefined;

  add({ event }: NumberedEvent): void {
    if (event.type === 'raw_response') this.#addPiece(event);
    else if (event.type === 'agent_updated') this.#agent = event.agent;
    else if (event.type === 'run_item') this.#addItem(event);
  }

  get agent(): string | undefined {
    return this.#agent;
  }

  get items(): Item[] {
    const partial: Item[] = [];
    if (this.#reasoning !== '') partial.push({ type: 'reasoning', content: [{ text: this.#reasoning }] });
    if (this.#text !== '')
      partial.push({ type: 'message', role: 'assistant', content: [{ text: this.#text }] });
    for (const [callId, text] of this.#arguments) {
      partial.push({ type: 'function_call', callId, name: '', arguments: text });
    }
    return [...this.#items, ...partial];
  }

  #addPiece(event: Extract<RunEvent, { type: 'raw_response' }>): void {
    if (event.kind === 'reasoning_delta') this.#reasoning += event.delta;
    else if (event.kind !== 'tool_arguments_delta') this.#text += event.delta;
    else if (event.call_id !== undefined) {
      this.#arguments.set(event.call_id, (this.#arguments.get(event.call_id) ?? '') + event.delta);
    }
  }

  #addItem({ name, item }: Extract<RunEvent, { type: 'run_item' }>): void {
    if (name === 'message_output_created') this.#text = '';
    if (name === 'reasoning_item_created') this.#reasoning = '';
    const { callId } = item as Mutable<Item>;
    if (typeof callId === 'string' && name !== 'tool_output') this.#arguments.delete(callId);
    // A call that waits for approval comes twice: when it is made, and when it goes on.
    if (name !== 'tool_output' && this.#has(item)) return;
    this.#items.push(item);
  }

  #has(item: Item): boolean {
    if (typeof item.callId !== 'string') return false;
    return this.#items.some(({ callId, type }) => callId === item.callId && type === item.type);
  }
}
