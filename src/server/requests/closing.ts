import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { QuestlogError } from '../../errors.ts';

/** What is not over so long after the runs had their time is left behind. */
export const STOP_TIMEOUT_MS = 1_800;
/** Also when the runs have taken all the time: what ended with them is on its way. */
const MIN_GRACE_MS = 250;
/** Of the end of a reply. More than these would be a leak. */
const MAX_LISTENERS = 20;

/**
 * Makes a server that closes refuse what is asked from then on.
 *
 * @param onAborted told of each request whose client has left before its reply was over.
 * @returns the last thing to do before connections are cut: it waits for the answers of what was asked before, at most
 * `patienceMs` from the beginning of the end.
 */
export function refuseWhenClosing(
  app: FastifyInstance,
  patienceMs: number,
  onAborted: (request: FastifyRequest, reply: FastifyReply) => void,
): () => Promise<void> {
  const underWay = new Set<FastifyRequest>();
  let until: number | undefined;
  let onIdle = () => {};
  app.addHook('preClose', async () => {
    until = performance.now() + patienceMs;
  });
  app.addHook('onRequest', async (request, reply) => {
    if (until !== undefined) {
      reply.header('connection', 'close');
      throw new QuestlogError('shutting_down', 'the server is shutting down');
    }
    // A socket stays until its router closes it.
    if (request.headers.upgrade !== undefined) return;
    underWay.add(request);
    // Each part that a reply passes through listens for its end.
    reply.raw.setMaxListeners(MAX_LISTENERS);
    // Not `onResponse`, which never comes when the client has left.
    reply.raw.once('close', () => {
      underWay.delete(request);
      if (!reply.raw.writableEnded) onAborted(request, reply);
      if (underWay.size === 0) onIdle();
    });
  });
  return async () => {
    if (underWay.size === 0) return;
    const idle = new Promise<void>((resolve) => {
      onIdle = resolve;
    });
    const left = Math.max(MIN_GRACE_MS, (until ?? 0) - performance.now());
    await Promise.race([idle, sleep(left, undefined, { ref: false })]);
  };
}
