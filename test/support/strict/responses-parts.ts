import { z } from 'zod';

/** What the items of a Responses request are made of. */

export const id = z.string().min(1).max(64);
export const idWith = (prefix: string) => id.startsWith(prefix, `must begin with '${prefix}'`);
export const maybeId = id.nullish();
export const name = z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/);
export const texts = z.array(z.string());
export const list = z.array(z.unknown());
export const progress = z.enum(['in_progress', 'completed', 'incomplete']);
export const hosted = z.enum([
  'in_progress',
  'searching',
  'interpreting',
  'generating',
  'completed',
  'incomplete',
  'failed',
]);
export const present = z.custom((value) => value !== undefined, 'is missing');
const webUrl = z.string().regex(/^https?:\/\/./);
/** A data URL of something else is a picture that is none. */
export const picture = z.union([webUrl, z.string().regex(/^data:image\/(png|jpe?g|gif|webp);base64,./)]);
export const caller = z
  .union([
    z.strictObject({ type: z.literal('direct') }),
    z.strictObject({ type: z.literal('program'), caller_id: id }),
  ])
  .nullish();

const breakpoint = { prompt_cache_breakpoint: z.object({ mode: z.literal('explicit') }).optional() };
const detail = z.enum(['low', 'high', 'auto', 'original']).optional();
const inputPart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input_text'), text: z.string(), ...breakpoint }),
  z
    .strictObject({
      type: z.literal('input_image'),
      detail,
      image_url: picture.nullish(),
      file_id: maybeId,
      ...breakpoint,
    })
    .refine((part) => part.image_url || part.file_id, 'needs image_url or file_id'),
  z
    .strictObject({
      type: z.literal('input_file'),
      detail,
      file_data: z.string().min(1).optional(),
      file_url: webUrl.optional(),
      file_id: maybeId,
      filename: z.string().optional(),
      ...breakpoint,
    })
    .refine(
      (part) => part.file_data || part.file_url || part.file_id,
      'needs file_data, file_url or file_id',
    ),
]);
const outputPart = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: list.optional(),
    logprobs: list.optional(),
  }),
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
]);
export const output = z.union([z.string(), z.array(inputPart)]);

const messageFields = {
  type: z.literal('message').optional(),
  id: idWith('msg').optional(),
  status: progress.optional(),
};
export const message = z.discriminatedUnion('role', [
  z.strictObject({
    ...messageFields,
    role: z.enum(['user', 'system', 'developer']),
    content: z.union([z.string(), z.array(inputPart)]),
  }),
  z.strictObject({
    ...messageFields,
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(outputPart)]),
    phase: z.enum(['commentary', 'final_answer']).nullish(),
  }),
]);
