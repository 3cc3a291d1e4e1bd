import type { FastifyReply } from 'fastify';

/** Adds to the request headers that a reply depends on, beside those that others have named. */
export function addVary(reply: FastifyReply, ...names: readonly string[]): void {
  const before = reply.getHeader('vary');
  const known = before === undefined ? [] : String(before).split(/, */);
  const missing = names.filter((name) => !known.some((other) => other.toLowerCase() === name));
  if (missing.length > 0) reply.header('vary', [...known, ...missing].join(', '));
}
