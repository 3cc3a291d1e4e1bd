/** A file as a message holds it: a part of its content. Names and measures are the page's; a model gets what its API knows. */
export type FilePart = ImagePart | DocumentPart | TextPart;

interface ImagePart {
  readonly type: 'input_image';
  /** A `data:` URL, an address, base64 alone, or `{ id }` of a file that the provider has. */
  readonly image: unknown;
  readonly filename?: string | undefined;
  /** In pixels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

interface DocumentPart {
  readonly type: 'input_file';
  /** As `image`, or `{ url }`. */
  readonly file: unknown;
  readonly filename?: string | undefined;
}

/** A text between fences, whose info string is the name too: so any model reads it. */
interface TextPart {
  readonly type: 'input_text';
  readonly text: string;
  readonly filename: string;
}

/** What the page says of a file, also before it has its data. */
export interface FileInfo {
  readonly kind: 'image' | 'document' | 'text';
  /** Empty: it has none. */
  readonly name: string;
  /** Bytes; 0: not known. */
  readonly size: number;
  /** Of a picture whose measures are known, in pixels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** A file that goes with what the person writes. */
export interface AttachedFile extends FileInfo {
  /** Under which `Files` has its data. */
  readonly id: string;
}

/** A file of a message: its data, or the id under which `Files` has it. */
export interface ShownFile extends FileInfo {
  readonly content: FilePart | AttachedFile['id'];
}

/** The kinds that browsers draw and that hold no script. */
const PICTURE = /^data:image\/(png|jpeg|gif|webp|avif|bmp);base64,/;
/** How the base64 of each kind begins. */
const BEGINNINGS = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi0', 'application/pdf'],
] as const;

/** The file that a part of a message, or of what a tool gives back, is; undefined: it is none, or the page knows too little of it. */
export function toFilePart(given: unknown): FilePart | undefined {
  const part = Object(given) as Readonly<Record<string, unknown>>;
  const filename = typeof part.filename === 'string' ? part.filename : undefined;
  switch (part.type) {
    case 'input_text':
      return typeof part.text === 'string' && filename !== undefined
        ? { type: 'input_text', text: part.text, filename }
        : undefined;
    case 'input_image':
    case 'image': {
      const { width, height } = part as { readonly width?: number; readonly height?: number };
      const image = dataIn(part.image) ?? part.image_url ?? part.imageUrl;
      return image === undefined ? undefined : { type: 'input_image', image, filename, width, height };
    }
    case 'input_file':
    case 'file': {
      const { filename: inner } = Object(part.file) as { readonly filename?: string };
      const file = dataIn(part.file);
      return file === undefined ? undefined : { type: 'input_file', file, filename: filename ?? inner };
    }
    default:
      return undefined;
  }
}

export function describeFile(part: FilePart): FileInfo {
  if (part.type === 'input_text')
    return { kind: 'text', name: part.filename, size: new Blob([textOfFile(part)]).size };
  const { filename: name = '' } = part;
  const size = Math.floor(((urlOf(part)?.split(',', 2)[1]?.length ?? 0) * 3) / 4);
  if (part.type === 'input_file') return { kind: 'document', name, size };
  const { width, height } = part;
  return { kind: 'image', name, size, width, height };
}

/** Where the data of a picture or a document is: a `data:` URL, or an address elsewhere; undefined: not for the page. */
export function urlOf(part: FilePart): string | undefined {
  if (part.type === 'input_text') return undefined;
  const value = part.type === 'input_image' ? part.image : part.file;
  const url = typeof value === 'string' ? value : (Object(value) as { readonly url?: unknown }).url;
  if (typeof url !== 'string') return undefined;
  if (/^(data:|https?:\/\/)/.test(url)) return url;
  const type = BEGINNINGS.find(([beginning]) => url.startsWith(beginning))?.[1];
  return type === undefined ? undefined : `data:${type};base64,${url}`;
}

/** As `urlOf`, of what the page may draw: nothing that it would have to ask others for. */
export function pictureOf(part: FilePart): string | undefined {
  const url = urlOf(part);
  return url !== undefined && PICTURE.test(url) ? url : undefined;
}

/** The text between the fences. */
export function textOfFile({ text }: TextPart): string {
  return /^(`{3,})[^\n]*\n([\s\S]*?)\n?\1\s*$/.exec(text)?.[2] ?? text;
}

/** What a tool of the SDK gives back has its data in an object. */
function dataIn(value: unknown): unknown {
  const { data, mediaType } = Object(value) as { readonly data?: unknown; readonly mediaType?: string };
  if (typeof data !== 'string') return value;
  return mediaType === undefined ? data : `data:${mediaType};base64,${data}`;
}
