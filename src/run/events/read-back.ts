import type { AgentInputItem, AssistantMessageItem, RunItemStreamEvent } from '@openai/agents-core';
import type { RunEvent } from '../../wire/events.ts';

/** The item of the history that an event carries. */
export function toItem(event: RunEvent): AgentInputItem | undefined {
  if (event.type !== 'run_item' || event.name === 'tool_approval_requested') return undefined;
  return event.item as RunItemStreamEvent['item']['rawItem'] as AgentInputItem;
}

/** The text of a model's message. */
export function toText(message: AssistantMessageItem): string {
  return message.content.map((part) => ('text' in part ? part.text : '')).join('');
}

/** What the model has written since its last finished message. */
export function appendPartialText(text: string, event: RunEvent): string {
  if (event.type === 'raw_response' && event.kind === 'text_delta') return text + event.delta;
  if (event.type === 'run_item' && event.name === 'message_output_created') return '';
  return text;
}
