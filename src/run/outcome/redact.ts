/** A shorter value is a word that also stands elsewhere. */
const MIN_SECRET_LENGTH = 6;
const MAX_LENGTH = 1_000;
/** Providers quote a wrong API key, or the header that it came in. */
const KEYS = /\b(sk|key|token)[-_][\w*.-]{6,}|\bBearer\s+\S+/gi;

/** Text of others for a log: without the secrets, without what looks like a key, and not too long. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter(({ length }) => length >= MIN_SECRET_LENGTH)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
    .replace(KEYS, '[redacted]')
    .slice(0, MAX_LENGTH);
}
