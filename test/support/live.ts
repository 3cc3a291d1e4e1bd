import type { FastifyInstance } from 'fastify';

/** A server that listens, asked over HTTP as one user. */
export interface LiveServer {
  post(path: string, body: unknown, signal?: AbortSignal): Promise<Response>;
}

export async function listen(app: FastifyInstance, userId: string): Promise<LiveServer> {
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    post: (path, body, signal) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-test-user': userId },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}

/** Reads a stream until its text fits, without ending it. */
export async function readUntil(
  body: ReadableStreamDefaultReader<Uint8Array>,
  pattern: RegExp,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  while (!pattern.test(text)) {
    const { done, value } = await body.read();
    if (done) throw new Error(`the stream ended without ${pattern}:\n${text}`);
    text += decoder.decode(value, { stream: true });
  }
  return text;
}
