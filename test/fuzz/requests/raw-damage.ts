import fc from 'fast-check';

/** What makes bytes that are no HTTP, or hardly any. */
export type RawDamage =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'bytes'; readonly at: number; readonly cut: number; readonly bytes: string };

const NAMED: Readonly<Record<string, (request: string) => string>> = {
  'no host': (request) => request.replace(/host: .*\r\n/i, ''),
  'two hosts': (request) => request.replace('\r\n', '\r\nhost: a\r\nhost: b\r\n'),
  'HTTP/1.0': (request) => request.replace('HTTP/1.1', 'HTTP/1.0'),
  'HTTP/2.0': (request) => request.replace('HTTP/1.1', 'HTTP/2.0'),
  'HTTP/0.9': (request) => request.replace(/ HTTP\/1\.1\r\n.*/s, '\r\n'),
  'line feeds only': (request) => request.replaceAll('\r\n', '\n'),
  'a space before a colon': (request) => request.replace('\r\n', '\r\nx : y\r\n'),
  'a header without a colon': (request) => request.replace('\r\n', '\r\nnothing\r\n'),
  'a folded header': (request) => request.replace('\r\n', '\r\nx: y\r\n z\r\n'),
  'a NUL in a header': (request) => request.replace('\r\n', '\r\nx: a\0b\r\n'),
  'a NUL in the target': (request) => request.replace(' /', ' /\0'),
  'a space in the target': (request) => request.replace(' /', ' /a b'),
  'bytes in the target': (request) => request.replace(' /', ' /\xff\xfe'),
  'a target without a slash': (request) => request.replace(' /', ' '),
  'a target of another host': (request) => request.replace(' /', ' http://evil.example/'),
  'a target that climbs': (request) => request.replace(/ \/\S*/, ' /assets/../../../package.json'),
  'an asset that is none': (request) => request.replace(/ \/\S*/, ' /assets/%00'),
  'a target of 20 KB': (request) => request.replace(' /', ` /${'x'.repeat(20_000)}`),
  'headers of 20 KB': (request) => request.replace('\r\n', `\r\nx: ${'y'.repeat(20_000)}\r\n`),
  '3,000 headers': (request) => request.replace('\r\n', `\r\n${'x: y\r\n'.repeat(3_000)}`),
  'two lengths': (request) => request.replace('\r\n', '\r\ncontent-length: 5\r\ncontent-length: 6\r\n'),
  'a negative length': (request) => request.replace('\r\n', '\r\ncontent-length: -5\r\n'),
  'a length that is too long': (request) => request.replace('\r\n', '\r\ncontent-length: 99999\r\n'),
  'a length and chunks': (request) =>
    request.replace('\r\n', '\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n'),
  'an unknown encoding': (request) => request.replace('\r\n', '\r\ntransfer-encoding: gzip\r\n'),
  'bad chunks': (request) =>
    request.replace(/content-length: .*\r\n/i, '').replace('\r\n', '\r\ntransfer-encoding: chunked\r\n'),
  'no method': (request) => request.replace(/^\S+ /, ''),
  'an unknown method': (request) => request.replace(/^\S+/, 'BREW'),
  CONNECT: (request) => request.replace(/^\S+ \S+/, 'CONNECT evil.example:443'),
  'OPTIONS *': (request) => request.replace(/^\S+ \S+/, 'OPTIONS *'),
  'the preface of HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a TLS hello': () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'the request twice': (request) => request + request,
  'half of the request': (request) => request.slice(0, request.length / 2),
  'an empty line before': (request) => `\r\n${request}`,
};

export const rawDamage: fc.Arbitrary<RawDamage> = fc.oneof(
  fc.constantFrom(...Object.keys(NAMED)).map((name) => ({ kind: 'named' as const, name })),
  fc.record({
    kind: fc.constant('bytes' as const),
    at: fc.nat(600),
    cut: fc.nat(3),
    bytes: fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  }),
);

/** @param request its bytes, each as a character. */
export function damagedBytes(request: string, damage: RawDamage): string {
  if (damage.kind === 'named') return NAMED[damage.name]?.(request) ?? request;
  const at = damage.at % (request.length + 1);
  return request.slice(0, at) + damage.bytes + request.slice(at + damage.cut);
}
