import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newId } from '../src/ids.ts';

it('makes UUIDv7 (RFC 9562, 5.7): the milliseconds first, so that later ids sort after earlier ones', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 48 - 2), (now) => {
      const [id, later] = [newId(now), newId(now + 1)];
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(now);
      expect(later > id).toBe(true);
    }),
  );
});

it('makes no id twice, not within one millisecond either', () => {
  const ids = Array.from({ length: 10_000 }, () => newId(0));

  expect(new Set(ids).size).toBe(ids.length);
});
