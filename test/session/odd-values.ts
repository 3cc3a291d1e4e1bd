import fc from 'fast-check';

/** Characters on which stores, encodings and escapes break. */
const ODD_CHARACTERS = [
  ...['\u0000', '\ud83d', '\ude00', '\udbff', '\u2028', '\ufeff', '\uffff', '\u007f', '\u001f'],
  ...['\\', '\\u0000', '\\ud83d', '"', '/', '🐉', 'ñ', 'n\u0303', '$1', "'", '__type'],
];

/** Any text: lone surrogates, NUL and escapes are not rare. */
export const oddText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(...ODD_CHARACTERS),
  ),
  maxLength: 8,
});

const ODD_NUMBERS = [
  ...[-0, 0, 5e-324, -5e-324, 1e308, Number.MAX_VALUE, 1e21, 1e-7, 0.1 + 0.2],
  ...[2 ** 53, 2 ** 53 - 1, 2 ** 53 + 2, -(2 ** 53) - 2, 2 ** 31, 2 ** 63],
];

const oddNumber = fc.oneof(
  fc.constantFrom(...ODD_NUMBERS),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

const ODD_KEYS = ['', '__proto__', 'constructor', 'toJSON', 'hasOwnProperty', '__type', 'data', 'length'];

/** Keys that look like numbers come first in every object of JavaScript, whenever they were added. */
const oddKey = fc.oneof(fc.constantFrom(...ODD_KEYS), fc.nat(20).map(String), oddText);

const bytes = fc.uint8Array({ maxLength: 5 });

/** A value that an item can hold, as wild as it gets. */
const { value } = fc.letrec<{ value: unknown; object: unknown; tag: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'odd' },
    fc.constantFrom(null, true, false, ''),
    oddText,
    oddNumber,
    bytes,
    bytes.map((array) => array.slice().buffer),
    tie('object'),
    tie('tag'),
    fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'odd' }),
  ),
  object: fc.array(fc.tuple(oddKey, tie('value')), { maxLength: 4, depthIdentifier: 'odd' }).map(toObject),
  // What looks like Questlog's own way to store bytes, and is not.
  tag: fc
    .tuple(
      fc.constantFrom('Uint8Array', 'ArrayBuffer', 'Object', 'Date', 7),
      fc.oneof({ depthIdentifier: 'odd' }, fc.constantFrom('', 'AAAA', 'AA==', 'no base64!'), tie('value')),
      fc.constantFrom('type first', 'data first', 'with another key'),
    )
    .map(([type, data, form]) => {
      if (form === 'data first') return { data, __type: type };
      return form === 'type first' ? { __type: type, data } : { __type: type, data, more: 1 };
    }),
}));

/** An item with such values, and one that may itself look like a tag. */
export const oddItem = fc.oneof(
  fc.array(fc.tuple(oddKey, value), { maxLength: 5 }).map(toObject),
  fc.array(value, { maxLength: 4 }).map((content) => ({ role: 'user', content })),
  fc
    .tuple(fc.constantFrom('Uint8Array', 'ArrayBuffer', 'Object'), value)
    .map(([type, data]) => ({ __type: type, data })),
);

/** An object with these members, also when one of them is called `__proto__`. */
function toObject(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, member] of entries) {
    Object.defineProperty(object, key, {
      value: member,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return object;
}

/** `depth` levels of lists and objects, one inside the other. */
export function nested(depth: number): object {
  let inner: unknown = 'the core';
  for (let level = 1; level < depth; level++) inner = level % 2 === 0 ? [inner] : { inner };
  return { inner };
}
