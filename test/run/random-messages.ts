import fc from 'fast-check';
import {
  filename,
  fileSource,
  foreign,
  idOf,
  imageSource,
  literal,
  maybe,
  noted,
  one,
  PDF,
  PIXEL,
  record,
  status,
  text,
} from './random-values.ts';

export const inputText = noted({
  type: literal('input_text'),
  text,
  promptCacheBreakpoint: maybe(one({ mode: 'explicit' })),
});
export const inputImage = noted({
  type: literal('input_image'),
  image: imageSource,
  detail: maybe(one('auto', 'high')),
});
export const inputFile = noted({ type: literal('input_file'), file: fileSource, filename });
/** Parts in the form of the API, as clients send them. */
export const apiPart = one<object>(
  { type: 'input_image', image_url: PIXEL },
  { type: 'input_image', file_id: 'file_1', detail: 'low' },
  { type: 'input_image', imageUrl: PIXEL },
  { type: 'input_image', fileId: 'file_1' },
  { type: 'input_file', file_data: PDF, filename: 'a.pdf' },
  { type: 'input_file', file_url: 'https://example.com/a' },
  { type: 'input_file', file_id: 'file_1' },
  { type: 'input_file', fileData: PDF },
  { type: 'input_audio', input_audio: { data: 'aGk=', format: 'wav' } },
  { type: 'image_url', image_url: { url: PIXEL } },
  { type: 'text', text: 'hi' },
);
const audio = noted({
  type: literal('audio'),
  audio: one('aGk=', '', { id: 'file_1' }),
  format: one('wav', 'mp3', 'ogg', null, undefined),
  transcript: maybe(one('hi', null)),
});
const userPart = fc.oneof(inputText, inputImage, inputFile, audio, apiPart);
const outputText = record({
  type: literal('output_text'),
  text,
  providerData: fc.oneof(foreign, one({ annotations: [] }, { logprobs: [] })),
});
const assistantPart = fc.oneof(
  { weight: 4, arbitrary: outputText },
  { weight: 1, arbitrary: noted({ type: literal('refusal'), refusal: text }) },
  { weight: 1, arbitrary: audio },
  { weight: 1, arbitrary: noted({ type: literal('image'), image: one('aGk=', PIXEL) }) },
);

const message = maybe(literal('message'));
export const userMessage = noted({
  type: message,
  role: literal('user'),
  id: idOf('msg'),
  content: fc.oneof(text, fc.array(userPart, { maxLength: 3 })),
});
export const systemMessage = noted({ type: message, role: literal('system'), content: text });
export const assistantMessage = noted({
  type: message,
  role: literal('assistant'),
  id: idOf('msg'),
  status,
  phase: fc.option(one('commentary', 'final_answer'), { nil: undefined, freq: 1 }),
  content: fc.array(assistantPart, { maxLength: 3 }),
});
export const reasoning = record({
  type: literal('reasoning'),
  id: idOf('rs'),
  content: fc.array(inputText, { maxLength: 2 }),
  rawContent: maybe(fc.constant([{ type: 'reasoning_text', text: 'hm' }])),
  providerData: fc.oneof(foreign, one({ encrypted_content: 'x' })),
});
