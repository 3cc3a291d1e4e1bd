import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { QuestlogError } from '../../errors.ts';
import { authUnavailable } from './authenticate.ts';

/** How long a failure to fetch the keys counts for all requests. */
const RETRY_MS = 3_000;

/**
 * The public keys at a URL (a JSON Web Key Set, RFC 7517). They are fetched when first needed, within five seconds, kept
 * for ten minutes, and fetched again for an unknown key at most once in 30 seconds.
 *
 * @throws QuestlogError `auth_unavailable`, from the function it returns, when they cannot be fetched.
 */
export function remoteKeys(url: URL, fetch: typeof globalThis.fetch): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: 5_000,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    [customFetch]: fetch,
  });
  let failure: { readonly error: unknown; readonly until: number } | undefined;
  return async (header, token) => {
    // A service that is away is not asked by every request; keys that are known need not be asked for.
    if (failure !== undefined && Date.now() < failure.until && !keys.fresh)
      throw authUnavailable(failure.error);
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      if (error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      failure = { error, until: Date.now() + RETRY_MS };
      throw authUnavailable(error);
    }
  };
}

/**
 * The public keys of an OpenID Connect provider, which says itself where they are (OpenID Connect Discovery 1.0). It is
 * asked anew whenever the keys are fetched, so that they may move.
 *
 * @param issuer without a slash at its end.
 */
export function discoveredKeys(issuer: string, fetch: typeof globalThis.fetch): JWTVerifyGetKey {
  const place = new URL(`${issuer}/.well-known/openid-configuration`);
  return remoteKeys(place, async (_url, init) => {
    const response = await fetch(place, init);
    if (response.status !== 200) throw misplaced(place, `answers ${response.status}`);
    const { issuer: named, jwks_uri } = Object(await response.json());
    if (named !== issuer && named !== `${issuer}/`) throw misplaced(place, 'is of another issuer');
    if (!URL.canParse(jwks_uri)) throw misplaced(place, 'names no keys');
    const { protocol } = new URL(jwks_uri);
    // Whoever is in the middle of a connection without TLS would choose the keys.
    if (protocol !== 'https:' && protocol !== place.protocol)
      throw misplaced(place, 'names keys without TLS');
    return fetch(jwks_uri, init);
  });
}

function misplaced(place: URL, why: string): QuestlogError {
  return new QuestlogError('invalid_configuration', `${place.href} ${why}: name the keys with jwksUrl`);
}
