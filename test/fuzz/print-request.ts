import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outgoing, Reply } from './send.ts';

const MAX_PRINTED = 4_000;

/** A request as a command: curl, or netcat and a file where it is long or hardly HTTP. */
export function printRequest(url: string, outgoing: Outgoing): string {
  const { raw, method, target, headers, body } = outgoing;
  if (raw !== undefined) return `nc -N ${new URL(url).hostname} ${new URL(url).port} < ${saved(raw)}`;
  const data =
    body === undefined
      ? []
      : ['--data-binary', body.length > MAX_PRINTED ? `@${saved(body)}` : printable(body)];
  const words = [
    ...['curl', '-i', '--path-as-is', '--globoff', ...(method === 'HEAD' ? ['-I'] : ['-X', method])],
    ...headers.flatMap(([name, value]) => ['-H', quote(value === '' ? `${name};` : `${name}: ${value}`)]),
    ...data,
    quote(url + target),
  ];
  return words.join(' ');
}

export function printReply({ status, headers, body }: Reply): string {
  return `${status} ${headers['content-type'] ?? ''}\n${body.subarray(0, 1_000).toString()}`;
}

function printable(body: Buffer): string {
  const text = body.toString();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a shell cannot pass them on
  const isText = Buffer.from(text).equals(body) && !/[\u0000-\u0008]/.test(text);
  return isText ? quote(text) : `@${saved(body)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function saved(bytes: Buffer): string {
  const file = join(mkdtempSync(join(tmpdir(), 'questlog-fuzz-')), 'request');
  writeFileSync(file, bytes);
  return file;
}
