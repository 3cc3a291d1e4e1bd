import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { withCoding } from '../../http/replies/etag.ts';
import { addVary } from '../../http/replies/vary.ts';

/** About one packet: below that nothing is saved. */
const THRESHOLD = 2_000;

/**
 * Compresses what the routes that are registered after this reply with, for clients that accept it; `compress: false`
 * (event streams) leaves a route out. By gzip alone: an encoder holds 256 KB for as long as its reply takes, one of
 * Brotli four megabytes. No reply has a secret beside somebody else's text, which BREACH needs to guess it.
 */
export async function compressReplies(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    encodings: ['gzip'],
    threshold: THRESHOLD,
    // 20 items, 8 KB: 0.06 ms and 2.8 KB; with the default 6 0.13 ms and 2.6 KB.
    zlibOptions: { level: 1 },
    // Bodies of requests are not decompressed: a small one could become a large one.
    globalDecompression: false,
  });
  app.addHook('onRoute', (route) => {
    if (route.compress === false) return;
    // Behind the plugin's own hook.
    route.onSend = [route.onSend ?? [], describeCoding].flat();
  });
}

async function describeCoding(_request: unknown, reply: FastifyReply, payload: unknown): Promise<void> {
  addVary(reply, 'accept-encoding');
  const [etag, coding] = [reply.getHeader('etag'), reply.getHeader('content-encoding')];
  // A 304 repeats the client's own tag.
  if (payload === null || typeof etag !== 'string' || typeof coding !== 'string') return;
  reply.header('etag', withCoding(etag, coding));
}
