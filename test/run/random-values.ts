import fc from 'fast-check';

/** The fields of random items, sound or not: what crashes, other writers and other providers leave. */

export const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';
export const PDF = 'data:application/pdf;base64,JVBERi0=';

export type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** An object with these fields; those that come out undefined it does not have. */
export function record(fields: Fields): fc.Arbitrary<object> {
  return fc.record(fields).map((made) => JSON.parse(JSON.stringify(made)) as object);
}

/** The value, or now and then nothing. */
export function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined, freq: 3 });
}

export const one = fc.constantFrom;
export const text = one('', 'hi', 'Rhabarber', 'x'.repeat(80));
export const number = fc.integer({ min: 1, max: 1_000_000 });
/** Mostly one of its own; also none, an empty one, one that others have, another provider's, one that is too long. */
export const idOf = (prefix: string) =>
  fc.oneof(
    { weight: 6, arbitrary: number.map((n) => `${prefix}_${n}`) },
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: one(`${prefix}_a`, `${prefix}_b`) },
    { weight: 1, arbitrary: one('', 'FAKE_ID', 'chatcmpl-1', `${prefix}_${'x'.repeat(64)}`) },
  );
export const callId = fc.oneof(
  { weight: 4, arbitrary: one('a', 'b', 'roll:0', 'call_0') },
  { weight: 2, arbitrary: number.map((n) => `call_${n}`) },
  { weight: 1, arbitrary: one('', 'x'.repeat(70)) },
);
export const status = one('completed', 'in_progress', 'incomplete');
export const toolName = fc.oneof(
  { weight: 5, arbitrary: one('roll', 'pay') },
  { weight: 1, arbitrary: one('', 'dice.roll', 'Würfel', 'x'.repeat(70)) },
);
export const caller = maybe(
  fc.oneof(
    fc.constant({ type: 'direct' }),
    record({ type: one('program'), callerId: one('prog_1', 'a', '') }),
  ),
);
/** What another API's answers leave beside an item, or a provider adds. */
export const foreign = maybe(
  one(
    {},
    { type: 'function' },
    { index: 0 },
    { role: 'assistant', refusal: null },
    { reasoning_content: 'hm' },
  ),
);
export const noted = (fields: Fields) => record({ ...fields, providerData: foreign });
export const literal = (type: string) => fc.constant(type);

export const imageSource = one(
  PIXEL,
  'https://example.com/a.png',
  { id: 'file_1' },
  { id: '' },
  'aGk=',
  '',
  'data:text/plain;base64,YQ==',
  undefined,
);
export const fileSource = one(
  PDF,
  'https://example.com/a',
  'http://example.com/a',
  'aGk=',
  'a.pdf',
  '',
  { id: 'file_1' },
  { url: 'https://example.com/a' },
  { url: 'a.pdf' },
  undefined,
);
export const filename = maybe(one('a.pdf'));
