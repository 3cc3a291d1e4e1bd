import { hash } from 'node:crypto';

/** At this limit the oldest entry makes room. */
const MAX_TOKENS = 5_000;

/** A cache of what is known of access tokens, by their digests: no token stays in memory. */
export class TokenCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>();

  get(token: string): Value | undefined {
    const known = this.#entries.get(digestOf(token));
    return known !== undefined && Date.now() < known.until ? known.value : undefined;
  }

  /** @param until in milliseconds since 1970. */
  set(token: string, value: Value, until: number): void {
    const digest = digestOf(token);
    this.#entries.delete(digest);
    this.#entries.set(digest, { value, until });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_TOKENS && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(token: string): void {
    this.#entries.delete(digestOf(token));
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
