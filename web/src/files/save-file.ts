import { type FilePart, textOfFile, urlOf } from './file-part.ts';

const LINK_MS = 10_000;

/** Saves something as a file of the person's: nothing is opened as a page. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), LINK_MS);
}

/** The data of a file as it can be saved; undefined: it is not here. */
export function toBlob(part: FilePart): Blob | undefined {
  if (part.type === 'input_text') return new Blob([textOfFile(part)], { type: 'text/plain' });
  const [, type = '', data] = /^data:([\w.+/-]*)[^,]*;base64,(.*)$/s.exec(urlOf(part) ?? '') ?? [];
  if (data === undefined) return undefined;
  const isKnown = /^(image\/(png|jpeg|gif|webp|avif|bmp)|application\/pdf)$/.test(type);
  return new Blob([toBytes(data)], { type: isKnown ? type : 'application/octet-stream' });
}

function toBytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
