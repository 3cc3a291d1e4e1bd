import { z } from 'zod';
import {
  caller,
  hosted,
  id,
  idWith,
  list,
  maybeId,
  name,
  output,
  picture,
  present,
  progress,
  texts,
} from './responses-parts.ts';

/**
 * The items of a Responses request's `input`, with the fields that the API's types have (`openai`,
 * `responses.d.ts`). What the types require and the live API does without, because the SDK itself leaves it out, is
 * optional: ids of messages and reasoning, `pending_safety_checks`.
 */

/** The fields of an item beside its `type`. */
const FIELDS = {
  function_call: {
    id: idWith('fc').optional(),
    call_id: id,
    name,
    arguments: z.string(),
    status: progress.optional(),
    namespace: z.string().optional(),
    async: z.boolean().optional(),
    caller,
  },
  function_call_output: {
    id: maybeId,
    call_id: id,
    output,
    status: progress.nullish(),
    name: z.string().nullish(),
    namespace: z.string().nullish(),
    caller,
  },
  computer_call: {
    id,
    call_id: id,
    status: progress,
    pending_safety_checks: list.min(1).optional(),
    action: z.looseObject({ type: z.string() }),
    actions: z
      .array(z.looseObject({ type: z.string() }))
      .min(1)
      .optional(),
  },
  computer_call_output: {
    id: maybeId,
    call_id: id,
    output: z
      .strictObject({
        type: z.literal('computer_screenshot'),
        image_url: picture.optional(),
        file_id: id.optional(),
      })
      .refine((shot) => shot.image_url || shot.file_id, 'needs image_url or file_id'),
    status: progress.nullish(),
    acknowledged_safety_checks: list.nullish(),
  },
  shell_call: {
    id: maybeId,
    call_id: id,
    status: progress.nullish(),
    action: z.strictObject({
      commands: texts,
      timeout_ms: z.number().nullish(),
      max_output_length: z.number().nullish(),
    }),
    environment: z.looseObject({ type: z.string() }).nullish(),
    caller,
  },
  shell_call_output: {
    id: maybeId,
    call_id: id,
    status: progress.nullish(),
    output: z.array(
      z.strictObject({
        stdout: z.string(),
        stderr: z.string(),
        outcome: z.union([
          z.strictObject({ type: z.literal('timeout') }),
          z.strictObject({ type: z.literal('exit'), exit_code: z.number() }),
        ]),
      }),
    ),
    max_output_length: z.number().nullish(),
    caller,
  },
  local_shell_call: {
    id,
    call_id: id,
    status: progress,
    action: z.looseObject({ type: z.literal('exec'), command: texts }),
  },
  local_shell_call_output: {
    id: maybeId,
    call_id: id.optional(),
    output: z.string(),
    status: progress.nullish(),
  },
  apply_patch_call: {
    id: maybeId,
    call_id: id,
    status: z.enum(['in_progress', 'completed']),
    operation: z.union([
      z.strictObject({ type: z.literal('delete_file'), path: z.string() }),
      z.strictObject({ type: z.literal('create_file'), path: z.string(), diff: z.string() }),
      z.strictObject({
        type: z.literal('update_file'),
        path: z.string(),
        diff: z.string(),
        move_to: z.string().min(1).optional(),
      }),
    ]),
    caller,
  },
  apply_patch_call_output: {
    id: maybeId,
    call_id: id,
    status: z.enum(['completed', 'failed']),
    output: z.string().nullish(),
    caller,
  },
  custom_tool_call: {
    id: maybeId,
    call_id: id,
    name,
    input: z.string(),
    status: progress.optional(),
    namespace: z.string().optional(),
    caller,
  },
  custom_tool_call_output: { id: maybeId, call_id: id, output, status: progress.optional(), caller },
  tool_search_call: {
    id: maybeId,
    call_id: maybeId,
    execution: z.enum(['client', 'server']).optional(),
    status: progress.nullish(),
    arguments: present,
  },
  tool_search_output: {
    id: maybeId,
    call_id: maybeId,
    execution: z.enum(['client', 'server']).optional(),
    status: progress.nullish(),
    tools: z.array(z.looseObject({ type: z.string() })),
  },
  program: { id, call_id: id, code: z.string(), fingerprint: z.string() },
  program_output: { id, call_id: id, result: z.string(), status: z.enum(['completed', 'incomplete']) },
  reasoning: {
    id: idWith('rs').optional(),
    summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
    content: z.array(z.strictObject({ type: z.literal('reasoning_text'), text: z.string() })).nullish(),
    encrypted_content: z.string().nullish(),
    status: progress.nullish(),
  },
  compaction: { id: maybeId, encrypted_content: z.string() },
  web_search_call: { id, status: hosted, action: z.looseObject({ type: z.string() }) },
  file_search_call: { id, status: hosted, queries: texts, results: list.nullish() },
  code_interpreter_call: {
    id,
    status: hosted,
    code: z.string().nullable(),
    container_id: z.string(),
    outputs: list.nullable(),
    caller,
  },
  image_generation_call: {
    id,
    status: hosted,
    result: z.string().nullable(),
    action: z.string().nullish(),
    background: z.string().nullish(),
    output_format: z.string().nullish(),
    quality: z.string().nullish(),
    revised_prompt: z.string().nullish(),
    size: z.string().nullish(),
  },
  mcp_list_tools: {
    id,
    server_label: z.string(),
    tools: z.array(z.looseObject({ name: z.string(), input_schema: present })),
    error: z.unknown(),
    caller,
  },
  mcp_approval_request: { id, name: z.string(), arguments: z.string(), server_label: z.string(), caller },
  mcp_approval_response: {
    id: maybeId,
    approval_request_id: id,
    approve: z.boolean(),
    reason: z.string().nullish(),
    caller,
  },
  mcp_call: {
    id,
    name: z.string(),
    arguments: z.string(),
    server_label: z.string(),
    approval_request_id: z.string().nullish(),
    error: z.unknown(),
    output: z.string().nullish(),
    status: z.enum(['in_progress', 'completed', 'incomplete', 'calling', 'failed']).optional(),
    caller,
  },
} satisfies Record<string, z.core.$ZodShape>;

/** The shapes by the item's `type`, without messages. */
export const SHAPES: ReadonlyMap<string, z.ZodType> = new Map(
  Object.entries(FIELDS).map(([type, fields]) => [
    type,
    z.strictObject({ type: z.literal(type), ...fields }),
  ]),
);
