import { QuestlogError } from '../../errors.ts';

/** Key sets and discovery documents have some kilobytes. */
const MAX_BYTES = 1_000_000;

/** As `fetch`, for what is small: it rejects where a reply has more than a megabyte, and reads no more of that. */
export function boundFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.body === null) return response;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw tooLong(new Request(url).url);
      chunks.push(chunk);
    }
    return new Response(Buffer.concat(chunks), response);
  };
}

function tooLong(place: string): QuestlogError {
  return new QuestlogError('auth_unavailable', `${place} answers with more than ${MAX_BYTES} bytes`);
}
