import { createHash } from 'node:crypto';

/** So many tokens are remembered: then the oldest is forgotten. */
const MOST = 5_000;

/** What is known of access tokens for a while, by their digests: no token stays in memory. */
export class TokenMemory<Value> {
  readonly #known = new Map<string, { readonly value: Value; readonly until: number }>();

  get(token: string): Value | undefined {
    const known = this.#known.get(digestOf(token));
    return known !== undefined && Date.now() < known.until ? known.value : undefined;
  }

  /** @param until in milliseconds since 1970. */
  set(token: string, value: Value, until: number): void {
    const digest = digestOf(token);
    this.#known.delete(digest);
    this.#known.set(digest, { value, until });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
  }

  delete(token: string): void {
    this.#known.delete(digestOf(token));
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
