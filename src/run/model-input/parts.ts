import { dataOf } from '../../session/calls.ts';

/** The API that a model is asked through. `other`: one of which nothing is known, which gets the SDK's items. */
export type Api = 'responses' | 'chat_completions' | 'other';

export type Part = Readonly<Record<string, unknown>>;

/** What a part of a user's message is, where this API does not take it. */
export interface LeftOut {
  readonly leftOut: string;
}

/**
 * A part of a user's message in the SDK's form. The APIs' own forms (`image_url`, `file_data`, `input_audio` …) are
 * translated: the SDK would send them empty. Undefined for what holds nothing, or is no part.
 */
export function toSdkPart(given: unknown): Part | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const part = given as Part;
  switch (part.type) {
    case 'input_text':
    case 'text':
      return typeof part.text === 'string' ? { ...part, type: 'input_text' } : undefined;
    case 'input_image':
    case 'image_url':
      return toImage(part);
    case 'input_file':
    case 'file':
      return toFile(part);
    case 'audio':
    case 'input_audio':
      return toAudio(part);
    default:
      return undefined;
  }
}

/** The part as an API takes it, or that it does not. */
export function fitPart(part: Part, api: Api): Part | LeftOut {
  if (part.type === 'input_image') return fitImage(part, api);
  if (part.type === 'input_file') return fitFile(part, api);
  if (part.type === 'audio') return fitAudio(part, api);
  return part;
}

function toImage({ image_url, imageUrl, file_id, fileId, ...part }: Part): Part | undefined {
  const url = image_url ?? imageUrl;
  const nested = isRecord(url) ? url : {};
  const id = text(file_id) ?? text(fileId);
  const image =
    text(part.image) ??
    (isRecord(part.image) && text(part.image.id) ? { id: part.image.id } : undefined) ??
    text(nested.url) ??
    text(url) ??
    (id === undefined ? undefined : { id });
  if (image === undefined) return undefined;
  const detail = text(part.detail) ?? text(nested.detail);
  return { ...part, type: 'input_image', image, ...(detail === undefined ? {} : { detail }) };
}

function toFile(given: Part): Part | undefined {
  // Chat Completions has what Responses has beside `type` in an object.
  const { file: inner, file_data, fileData, file_url, fileUrl, file_id, fileId, ...part } = given;
  const own: Part = isRecord(inner) ? inner : {};
  const url = text(own.url) ?? text(file_url) ?? text(fileUrl) ?? text(own.file_url);
  const id = text(own.id) ?? text(file_id) ?? text(fileId) ?? text(own.file_id);
  const file =
    text(inner) ??
    text(file_data) ??
    text(fileData) ??
    text(own.file_data) ??
    (url === undefined ? undefined : { url }) ??
    (id === undefined ? undefined : { id });
  if (file === undefined) return undefined;
  const filename = text(part.filename) ?? text(own.filename);
  return { ...part, type: 'input_file', file, ...(filename === undefined ? {} : { filename }) };
}

function toAudio({ input_audio, ...part }: Part): Part | undefined {
  const own: Part = isRecord(input_audio) ? input_audio : {};
  const audio =
    text(part.audio) ??
    (isRecord(part.audio) && text(part.audio.id) ? { id: part.audio.id } : undefined) ??
    text(own.data);
  if (audio === undefined) return undefined;
  const format = text(part.format) ?? text(own.format);
  return { ...part, type: 'audio', audio, ...(format === undefined ? {} : { format }) };
}

function fitImage(part: Part, api: Api): Part | LeftOut {
  const { image } = part;
  if (typeof image !== 'string') return api === 'chat_completions' ? { leftOut: 'an uploaded image' } : part;
  if (/^(https?:\/\/|data:image\/[\w.+-]+;base64,)./.test(image)) return part;
  const type = IMAGE_TYPES.find(([beginning]) => image.startsWith(beginning))?.[1];
  return type === undefined
    ? { leftOut: 'an image' }
    : { ...part, image: `data:image/${type};base64,${image}` };
}

/** How the base64 of each kind of image begins. */
const IMAGE_TYPES = [
  ['iVBORw0KGgo', 'png'],
  ['/9j/', 'jpeg'],
  ['R0lGOD', 'gif'],
  ['UklGR', 'webp'],
] as const;

function fitFile(part: Part, api: Api): Part | LeftOut {
  const { file } = part;
  if (typeof file === 'string') {
    const value = file.trim();
    if (value.startsWith('data:')) return part;
    if (/^https?:\/\/./.test(value)) return fitFile({ ...part, file: { url: value } }, api);
    // The base64 of a PDF: what both APIs know without being told.
    if (value.startsWith('JVBERi0')) return { ...part, file: `data:application/pdf;base64,${value}` };
    const isData = api === 'responses' && /^[A-Za-z0-9+/=]+$/.test(value);
    return isData ? part : { leftOut: 'a file' };
  }
  if (isRecord(file) && 'id' in file) return part;
  const isUrl = isRecord(file) && /^https?:\/\/./.test(String(file.url));
  return isUrl && api === 'responses' ? part : { leftOut: 'a file' };
}

function fitAudio(part: Part, api: Api): Part | LeftOut {
  const spoken = text(part.transcript);
  const told = spoken === undefined ? { leftOut: 'a recording' } : { type: 'input_text', text: spoken };
  if (api !== 'chat_completions' || typeof part.audio !== 'string') return told;
  const [, mime, data] = /^data:audio\/([\w-]+)[^,]*,(.*)$/s.exec(part.audio) ?? [];
  const given = text(part.format) ?? text((dataOf(part).input_audio as Part | undefined)?.format) ?? mime;
  const format = given === undefined ? undefined : AUDIO_FORMATS[given.toLowerCase()];
  if (format === undefined) return told;
  return { ...part, audio: data ?? part.audio, format };
}

const AUDIO_FORMATS: Readonly<Record<string, string | undefined>> = {
  wav: 'wav',
  wave: 'wav',
  'x-wav': 'wav',
  mp3: 'mp3',
  mpeg: 'mp3',
};

function isRecord(value: unknown): value is Part {
  return typeof value === 'object' && value !== null;
}

/** A text that is not empty. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
