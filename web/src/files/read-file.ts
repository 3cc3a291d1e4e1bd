import type { FilePart } from './file-part.ts';
import { MOST_BYTES, MOST_PICTURE_BYTES, MOST_TEXT_BYTES } from './limits.ts';
import { readPicture } from './read-picture.ts';
import { decodeText, toFence } from './read-text.ts';

/** A file that does not go with a message, and why. */
export interface RefusedFile {
  readonly name: string;
  readonly why: 'empty' | 'unreadable' | 'unknown_kind' | 'unknown_picture' | 'too_large' | 'too_many';
  /** Its bytes, and how many there may be; of `too_many` files. */
  readonly size: number;
  readonly limit: number;
}

/** Reads a file that the person gives, by what is in it: its ending may be wrong. */
export async function readFile(file: File): Promise<FilePart | RefusedFile> {
  // In a fence's first line, and in a header when it is saved.
  const name = file.name.replace(/[`\p{Cc}]+/gu, ' ').trim() || 'file';
  const refuse = (why: RefusedFile['why'], limit = 0) => ({ name, why, size: file.size, limit });
  if (file.size > MOST_PICTURE_BYTES) return refuse('too_large', MOST_BYTES);
  // A folder is a file that cannot be read.
  const bytes = await file.arrayBuffer().then(
    (buffer) => new Uint8Array(buffer),
    () => undefined,
  );
  if (bytes === undefined) return refuse('unreadable');
  if (bytes.length === 0) return refuse('empty');
  if (beginsWith(bytes, '%PDF-')) {
    if (bytes.length > MOST_BYTES) return refuse('too_large', MOST_BYTES);
    const data = await toDataUrl(new Blob([bytes], { type: 'application/pdf' }));
    return { type: 'input_file', file: data, filename: name };
  }
  const text = decodeText(bytes);
  if (text !== undefined) {
    if (bytes.length > MOST_TEXT_BYTES) return refuse('too_large', MOST_TEXT_BYTES);
    return { type: 'input_text', text: toFence(name, text), filename: name };
  }
  const picture = await readPicture(bytes, file.type);
  if (picture === undefined)
    return refuse(/^image\/|^$/.test(file.type) ? 'unknown_picture' : 'unknown_kind');
  if (picture.blob.size > MOST_BYTES) return refuse('too_large', MOST_BYTES);
  const { blob, width, height } = picture;
  const image = await toDataUrl(blob);
  return { type: 'input_image', image, filename: withEnding(name, blob.type), width, height };
}

export function beginsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((letter, index) => bytes[index] === letter.charCodeAt(0));
}

/** Named as what it has become. */
function withEnding(name: string, type: string): string {
  const ending = type.replace('image/', '').replace('jpeg', 'jpg');
  const isRight = name.toLowerCase().endsWith(`.${ending}`) || (ending === 'jpg' && /\.jpeg$/i.test(name));
  return isRight ? name : `${name.replace(/\.[a-z0-9]{1,5}$/i, '')}.${ending}`;
}

function toDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
