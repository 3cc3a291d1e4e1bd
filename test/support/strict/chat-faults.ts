import { z } from 'zod';
import { firstIssue } from './first-issue.ts';
import type { ApiItem } from './responses-faults.ts';

/** Compatible servers send and take fields of their own, so unknown ones pass. */
const textPart = z.object({ type: z.literal('text'), text: z.string() });
const text = z.union([z.string(), z.array(textPart).min(1)]);
const userPart = z.discriminatedUnion('type', [
  textPart,
  z.object({
    type: z.literal('image_url'),
    image_url: z.object({
      url: z.string().regex(/^(https?:\/\/.|data:image\/(png|jpe?g|gif|webp);base64,.)/),
    }),
  }),
  z.object({
    type: z.literal('input_audio'),
    input_audio: z.object({ data: z.string().min(1), format: z.enum(['wav', 'mp3']) }),
  }),
  z.object({
    type: z.literal('file'),
    file: z
      .object({ file_id: z.string().optional(), file_data: z.string().startsWith('data:').optional() })
      .refine((file) => file.file_id || file.file_data, 'needs file_id or file_data'),
  }),
]);
const assistantPart = z.discriminatedUnion('type', [
  textPart,
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
]);
const toolCall = z.object({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.object({ name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/), arguments: z.string() }),
});
const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content: text }),
  z.object({ role: z.literal('user'), content: z.union([z.string(), z.array(userPart).min(1)]) }),
  z.object({ role: z.literal('tool'), content: text, tool_call_id: z.string().min(1) }),
  z
    .object({
      role: z.literal('assistant'),
      content: z.union([z.string(), z.array(assistantPart).min(1)]).nullish(),
      tool_calls: z.array(toolCall).min(1).optional(),
      audio: z.object({ id: z.string().min(1) }).nullish(),
    })
    .refine(
      ({ content, tool_calls, audio }) => content != null || tool_calls || audio,
      'needs content or tool_calls',
    ),
]);

/** What the real API refuses first in the `messages` of a Chat Completions request; undefined when it takes them. */
export function chatFaultOf(messages: readonly ApiItem[]): string | undefined {
  if (messages.length === 0) return "Invalid 'messages': empty array.";
  for (const [index, item] of messages.entries()) {
    const fault = firstIssue(message, item);
    if (fault !== undefined) return `Invalid 'messages[${index}]': ${fault}`;
  }
  return toolFaultOf(messages);
}

function toolFaultOf(messages: readonly ApiItem[]): string | undefined {
  const open = new Set<string>();
  for (const { role, tool_calls: calls = [], tool_call_id: callId = '' } of messages) {
    if (role === 'tool') {
      if (!open.delete(callId)) {
        return `messages with role 'tool' must follow a message with 'tool_calls': ${callId} does not.`;
      }
      continue;
    }
    if (open.size > 0) break;
    for (const { id } of calls) {
      if (open.has(id)) return `Duplicate tool_call id ${id}.`;
      open.add(id);
    }
  }
  if (open.size === 0) return undefined;
  return `An assistant message with 'tool_calls' must be followed by tool messages: none for ${[...open].join(', ')}.`;
}
