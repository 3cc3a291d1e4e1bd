import fc from 'fast-check';
import { oddText } from '../../session/odd-values.ts';

export type Header = readonly [name: string, value: string];

const ODD_PARTS = [
  ...[
    '%00',
    '%00x',
    '%',
    '%zz',
    '%ed%a0%80',
    '%F0%9F%90%89',
    '%E2%80%AE',
    '%2e%2e',
    '%2F',
    'a%2Fb',
    '%0d%0a',
    '%ff',
  ],
  ...[
    '..',
    '.',
    'live',
    '__proto__',
    'constructor',
    '*',
    'null',
    'a;b=c',
    'a:b',
    '',
    '{{long:256}}',
    '{{long:1200}}',
  ],
  ...['%C3%A4', '~', 'a%20b', '{{theirs.chat_id:0}}', '{{theirs.run_id:0}}', '%7B%7D', '🐉'],
].map((part) => part.replace('🐉', '%F0%9F%90%89'));

/** A part of a path or a query that nobody sends. */
export const oddPart = fc.oneof(
  fc.constantFrom(...ODD_PARTS),
  oddText.map((text) => encodeURIComponent(text.toWellFormed())),
);
/** What is almost a number. */
export const oddNumber = fc.constantFrom(
  '0',
  '-0',
  '-1',
  '1e3',
  '1e400',
  '9007199254740993',
  '0x10',
  '1.5',
  ' 1',
  '٣',
  'NaN',
);

export const ODD_HEADERS: readonly Header[] = [
  ['content-type', 'text/plain'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-type', 'application/json;charset="utf-8"; x=y'],
  ['content-type', 'multipart/form-data'],
  ['content-type', ''],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'identity'],
  ['accept', 'text/html;q=0, */*;q=0.1'],
  ['accept-encoding', 'gzip, br;q=0.5, *;q=0'],
  ['origin', 'https://evil.example'],
  ['origin', 'null'],
  ['sec-fetch-site', 'cross-site'],
  ['if-none-match', '*'],
  ['if-none-match', 'W/"0", "{{etag:0}}'],
  ['if-match', '"0"'],
  ['if-match', ''],
  ['if-modified-since', 'yesterday'],
  ['last-event-id', '-1'],
  ['last-event-id', '999999999999999'],
  ['idempotency-key', ''],
  ['idempotency-key', '{{long:300}}'],
  ['idempotency-key', 'k\u00e9y'],
  ['range', 'bytes=0-0'],
  ['x-forwarded-for', '::1, evil'],
  ['x-http-method-override', 'DELETE'],
  ['x-stack-access-token', 'a.b.c'],
  ['x-stack-auth', '{"accessToken":null}'],
  ['authorization', 'Basic YTpi'],
  ['cookie', 'session=1'],
  ['expect', '100-continue'],
  ['accept-version', '1.x'],
  ['x', 'y'.repeat(4_000)],
];

export const UPGRADE: readonly Header[] = [
  ['connection', 'Upgrade'],
  ['upgrade', 'websocket'],
  ['sec-websocket-version', '13'],
  ['sec-websocket-key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
  ['sec-websocket-protocol', 'questlog.v1'],
];

export const ODD_BODIES = [
  ...[
    '',
    ' ',
    '{',
    'null',
    '[]',
    '"x"',
    '0',
    'NaN',
    '\ufeff{}',
    '{}{}',
    '{"input":"a","input":1}',
    '{"title":"\u00ff"}',
  ],
  ...[
    '{"title":"\\ud800"}',
    '{"title":"\\u0000"}',
    '[[[[',
    '{"conversation":"{{many:5000}}"}',
    '{"title":1e999}',
  ],
  ...['{"input":"{{many:5000}}"}', '{"input":"{{deep:3000}}","session_id":null}', '{"a":"{{long:1100000}}"}'],
  ...['{"conversation":[{"x":"{{deep:990}}"}]}', '{"input":"x","context":{"x":"{{deep:5000}}"}}'],
];
