/** Numbers of an embedding as they are stored. */
export interface StoredVector {
  /** The sign of each, as PostgreSQL reads a `bit varying`. */
  readonly bits: string;
  /** Each as a byte from -127 to 127, of which only the direction counts. */
  readonly bytes: Int8Array;
}

/** Rounds an embedding to what is stored. */
export function toStored(numbers: readonly number[]): StoredVector {
  const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), Number.MIN_VALUE);
  const bytes = Int8Array.from(numbers, (number) => Math.round((number / largest) * 127));
  return { bits: numbers.map((number) => (number > 0 ? '1' : '0')).join(''), bytes };
}

/** How alike two directions are: 1 the same, 0 nothing in common. */
export function likeness(one: Int8Array, other: Int8Array): number {
  let [product, ones, others] = [0, 0, 0];
  for (let index = 0; index < one.length; index += 1) {
    const [a, b] = [one[index] ?? 0, other[index] ?? 0];
    product += a * b;
    ones += a * a;
    others += b * b;
  }
  return ones === 0 || others === 0 ? 0 : product / Math.sqrt(ones * others);
}
