import { type StreamEvent, Usage } from '@openai/agents-core';

type Done = Extract<StreamEvent, { type: 'response_done' }>;
type OutputItem = Done['response']['output'][number];
type Fields = Readonly<Record<string, unknown>>;

/**
 * An answer of the Responses API that ended with `response.incomplete`, which the SDK takes for a failure: its reasoning
 * and what it said.
 */
export function toIncompleteEvent(response: unknown): Done {
  const { id, output, usage } = toRecord(response);
  const items = (Array.isArray(output) ? output : []).map(toRecord).flatMap(toItem);
  return {
    type: 'response_done',
    // The SDK has counted what its failure says already.
    response: { id: String(id ?? ''), output: items, usage: new Usage(usage ? { requests: 0 } : {}) },
  };
}

function toItem(item: Fields): OutputItem[] {
  if (item.type === 'message') {
    const { id, role: _role, type: _type, status: _status, content, ...providerData } = item;
    const parts = (Array.isArray(content) ? content : []).map(toRecord).flatMap(toPart);
    const message = {
      id,
      type: 'message',
      role: 'assistant',
      status: 'incomplete',
      content: parts,
      providerData,
    };
    return parts.length === 0 ? [] : [message as OutputItem];
  }
  if (item.type !== 'reasoning') return [];
  const { id, type: _, summary, ...providerData } = item;
  const content = (Array.isArray(summary) ? summary : []).map((part) => ({
    type: 'input_text',
    text: String(toRecord(part).text ?? ''),
  }));
  return [{ id, type: 'reasoning', content, providerData } as OutputItem];
}

function toPart({ type, text, refusal, ...providerData }: Fields): Fields[] {
  if (type === 'output_text' && text !== '') return [{ type, text, providerData }];
  return type === 'refusal' ? [{ type, refusal, providerData }] : [];
}

function toRecord(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
