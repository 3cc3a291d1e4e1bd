import fc from 'fast-check';
import { oddItem, oddText } from '../../session/odd-values.ts';

/**
 * JSON that nobody sends, as values. A string `{{…}}` stands for what no value can say, or what would be too long to
 * print; `Known.fill` puts it in its place.
 */

/** Numbers beyond what JavaScript holds, and ones that are easily changed. */
const ODD_NUMBERS = [
  '1e400',
  '-1e400',
  '-0',
  '9007199254740993',
  '1e-400',
  '1E2',
  '0.1e1',
  '123456789012345678901',
];

/** Levels, elements, characters: below and above each limit. */
const LARGE = [
  ...['{{deep:20}}', '{{deep:900}}', '{{deep:1100}}', '{{deep:20000}}'],
  ...['{{many:40}}', '{{many:5000}}', '{{many:10001}}'],
  ...['{{long:600}}', '{{long:5000}}', '{{long:300000}}', '{{long:1100000}}'],
];

const ODD_TEXTS = [
  ...[
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff\ud800',
    '🐉',
    '\u202eltr',
    'שלום',
    '\ufeff',
    '\u2028',
    'n\u0303',
  ],
  ...[
    '',
    ' ',
    '.',
    '..',
    'live',
    'null',
    '__proto__',
    '../../etc/passwd',
    "' or 1=1 --",
    '%00',
    '{{none:0}}',
  ],
];

const ODD_OBJECTS = [
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toJSON":"x","toString":1,"valueOf":null}',
  '{"__type":"Uint8Array","data":"AAAA"}',
  '{"length":5000,"0":{}}',
  '{"then":"x"}',
  '{"b":1,"a":2,"1":3,"0":4}',
].map((text) => JSON.parse(text) as unknown);

export const oddName = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toJSON',
    'hasOwnProperty',
    '',
    'a.b',
    'a/b',
    '0',
    'user_id',
    'chat_id',
  ),
  oddText,
);

/** A value that no schema asks for. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 2 ** 53, '', [], {}, [[]], [null]),
  },
  { weight: 2, arbitrary: fc.constantFrom(...ODD_NUMBERS).map((number) => `{{number:${number}}}`) },
  { weight: 3, arbitrary: fc.oneof(fc.constantFrom(...ODD_TEXTS), oddText) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD_OBJECTS) },
  { weight: 1, arbitrary: fc.constantFrom(...LARGE) },
  { weight: 2, arbitrary: oddItem },
  { weight: 1, arbitrary: fc.jsonValue({ noUnicodeString: false } as fc.JsonSharedConstraints) },
);

/** What can be done to one place of a value. */
export interface Damage {
  readonly how: 'replace' | 'remove' | 'add' | 'repeat';
  /** Which of its places, counted from the front, as often around as it takes. */
  readonly place: number;
  readonly name: string;
  readonly value: unknown;
}

export const damage: fc.Arbitrary<Damage> = fc.record({
  how: fc.constantFrom('replace', 'replace', 'remove', 'add', 'repeat'),
  place: fc.nat(40),
  name: oddName,
  value: oddValue,
});

type Place = readonly [holder: Record<string, unknown> | unknown[], key: string];

/** A copy of `value` with one thing wrong. */
export function damaged(value: unknown, { how, place, name, value: odd }: Damage): unknown {
  const root = { body: JSON.parse(JSON.stringify(value)) as unknown };
  const places = placesOf(root);
  const [holder, key] = places[place % places.length] as Place;
  const inner: unknown = Reflect.get(holder, key);
  switch (how) {
    case 'replace':
      define(holder, key, odd);
      break;
    case 'remove':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else if (holder !== root) delete holder[key];
      break;
    case 'add':
      if (Array.isArray(inner)) inner.push(odd);
      else if (typeof inner === 'object' && inner !== null) define(inner, name, odd);
      else define(holder, key, [inner, odd]);
      break;
    case 'repeat':
      define(holder, key, [inner, inner]);
      break;
  }
  return root.body;
}

function placesOf(holder: object): Place[] {
  return Object.entries(holder).flatMap(([key, inner]) => [
    [holder, key] as unknown as Place,
    ...(typeof inner === 'object' && inner !== null ? placesOf(inner) : []),
  ]);
}

/** Also when the name is `__proto__`. */
function define(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, writable: true, configurable: true });
}
