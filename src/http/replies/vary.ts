import type { FastifyReply } from 'fastify';

/** Adds to the request headers that a reply depends on, beside those that others have named. */
export function addVary(reply: FastifyReply, ...names: readonly string[]): void {
  const known = [reply.getHeader('vary') ?? []].flat().join(', ').split(/, */).filter(Boolean);
  const missing = names.filter((name) => !known.some((other) => other.toLowerCase() === name));
  reply.header('vary', [...known, ...missing].join(', '));
}
