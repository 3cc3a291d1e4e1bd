import { expect } from 'vitest';
import type { Ask } from '../support/app.ts';

/** The body of a reply that has to be a success. */
// biome-ignore lint/suspicious/noExplicitAny: a reply of any route.
export async function ok(reply: ReturnType<Ask>): Promise<any> {
  const { statusCode, body } = await reply;
  expect(statusCode, body).toBeLessThan(300);
  return body === '' ? undefined : JSON.parse(body);
}
