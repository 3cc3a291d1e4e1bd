import { crc32, deflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';

/** A file as a person picks it. */
export interface SampleFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A PNG of one colour, in pixels. */
export function png(name: string, width = 8, height = 8): SampleFile {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const rows = Buffer.alloc(height * (1 + width * 3), 0x7f);
  for (let row = 0; row < height; row++) rows[row * (1 + width * 3)] = 0;
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  const buffer = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
  return { name, mimeType: 'image/png', buffer };
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body) >>> 0, body.length + 4);
  return out;
}

export function pdf(name: string, bytes = 20): SampleFile {
  return { name, mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n'.padEnd(bytes, ' ')) };
}

export function text(name: string, content: string | Buffer): SampleFile {
  return { name, mimeType: '', buffer: Buffer.from(content) };
}

/** Picks files with the button of the message box. */
export async function pick(page: Page, ...files: readonly SampleFile[]): Promise<void> {
  await page.locator('.thread-foot input[type=file]').setInputFiles([...files]);
}

export const attached = (page: Page) =>
  page.getByRole('list', { name: 'Attached files' }).getByRole('listitem');

/** For the page: a `DataTransfer` of texts by type and of files, as a clipboard or a drag has it. */
export const TRANSFER = `(texts, files) => {
  const transfer = new DataTransfer();
  for (const [type, text] of Object.entries(texts)) transfer.setData(type, text);
  for (const { name, type, base64 } of files)
    transfer.items.add(new File([Uint8Array.from(atob(base64), (l) => l.charCodeAt(0))], name, { type }));
  return transfer;
}`;

/** As `TRANSFER` takes it. */
export function toJson({ name, mimeType, buffer }: SampleFile): object {
  return { name, type: mimeType, base64: buffer.toString('base64') };
}

export function chatIdOf(page: Page): string {
  return new URL(page.url()).pathname.replace('/c/', '');
}

/** How many files the browser keeps. */
export const keptIn = (page: Page) =>
  page.evaluate<number>(`new Promise((resolve, reject) => {
    const opening = indexedDB.open('questlog', 1);
    opening.onerror = reject;
    opening.onsuccess = () => {
      const counting = opening.result.transaction('files').objectStore('files').count();
      counting.onsuccess = () => (opening.result.close(), resolve(counting.result));
    };
  })`);
