import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Streams {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
  readonly count: number;
  readonly tokens: number;
  /** The starts are spread over so long. */
  readonly spreadMs: number;
}

/** What one reader saw, in ms. */
interface Seen {
  /** From the request to its first token. */
  readonly first: number;
  /** How long tokens were on their way, the worst of all. */
  readonly slowest: number;
  readonly events: number;
}

/** Reads many streams at once. @returns what was seen, and what went wrong. */
export async function readStreams({ url, path, headers, count, tokens, spreadMs }: Streams) {
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  const errors: string[] = [];
  const seen: Seen[] = [];
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await sleep((index / count) * spreadMs);
      try {
        seen.push(await readStream(agent, url + path, headers, tokens));
      } catch (error) {
        errors.push(String(error));
      }
    }),
  );
  agent.destroy();
  return { seen, errors };
}

/** The model's tokens say when they left. */
const TOKEN = /"delta":"(\d+) "/g;

function readStream(agent: Agent, url: string, who: Streams['headers'], tokens: number): Promise<Seen> {
  const body = JSON.stringify({ input: `${tokens} tokens` });
  const headers = { ...who, 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const asked = process.hrtime.bigint();
    let first: number | undefined;
    let [slowest, events, rest] = [0, 0, ''];
    const posted = request(url, { agent, method: 'POST', headers }, (reply) => {
      if (reply.statusCode !== 200) reject(new Error(`status ${reply.statusCode}`));
      reply.setEncoding('utf8').on('data', (chunk: string) => {
        const now = process.hrtime.bigint();
        const text = rest + chunk;
        const end = text.lastIndexOf('\n\n') + 2;
        rest = text.slice(end);
        for (const [, left] of text.slice(0, end).matchAll(TOKEN)) {
          first ??= Number(now - asked) / 1e6;
          slowest = Math.max(slowest, Number(now - BigInt(left as string)) / 1e6);
          events += 1;
        }
      });
      reply.once('error', reject);
      reply.once('end', () => {
        if (first === undefined || events < tokens) reject(new Error(`${events} of ${tokens} tokens`));
        else resolve({ first, slowest, events });
      });
    });
    posted.once('error', reject);
    posted.end(body);
  });
}
