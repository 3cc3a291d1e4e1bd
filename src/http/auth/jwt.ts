import { type Check, type Checks, checkOptions, isFunction, isHttpUrl, optional } from '../../options.ts';
import type { Authenticate } from './authenticate.ts';
import { boundFetch } from './bounded-fetch.ts';
import { discoveredKeys, remoteKeys } from './remote-keys.ts';
import { readBearerToken } from './token.ts';
import { createVerifier, type JwtClaims, unauthenticated } from './verifier.ts';

/** Signatures by a private key. Those of a shared secret (HS256) are refused: a public key must not pass for one. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Which tokens of which provider are taken, and whom they name. */
export interface JwtAuthOptions {
  /** The URL that the tokens name as `iss`. A slash at its end makes no difference. */
  readonly issuer: string;
  /**
   * What the tokens must name as `aud`: this API, or one of these. Null takes tokens whoever they are for, and has to be
   * said: a provider signs tokens for all of its clients, and each of those could then act here in its users' names, as
   * could whoever finds an ID token. For providers whose tokens name no audience.
   */
  readonly audience: string | readonly string[] | null;
  /** Where the provider's public keys are. Default: where `{issuer}/.well-known/openid-configuration` says. */
  readonly jwksUrl?: string | undefined;
  /** The algorithms that may sign, such as `['RS256']`. Default: all with a private key; those with a secret never may. */
  readonly algorithms?: readonly string[] | undefined;
  /**
   * The id of the user that a verified token names. What is no id (not a string, empty, longer than 255 bytes) is refused
   * with 401, so return undefined for who is not let in. Default: its `sub`.
   */
  readonly userId?: ((claims: JwtClaims) => unknown) | undefined;
  /** Used instead of the global `fetch`, for a proxy or a test. */
  readonly fetch?: typeof fetch | undefined;
}

const isAudience: Check = (audience) => {
  if (audience === null) return undefined;
  const names: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  return names.length > 0 && names.every((name) => typeof name === 'string' && name !== '')
    ? undefined
    : 'must be what the tokens are for, or null to take them whoever they are for';
};

const areAlgorithms: Check = (algorithms) =>
  Array.isArray(algorithms) &&
  algorithms.length > 0 &&
  algorithms.every((algorithm) => ALGORITHMS.includes(algorithm))
    ? undefined
    : `must be a list of some of ${ALGORITHMS.join(', ')}`;

const OPTIONS: Checks<JwtAuthOptions> = {
  issuer: isHttpUrl,
  audience: isAudience,
  jwksUrl: optional(isHttpUrl),
  algorithms: optional(areAlgorithms),
  userId: optional(isFunction),
  fetch: optional(isFunction),
};

/**
 * Signs requests in with access tokens of any OpenID Connect provider, sent as `Authorization: Bearer <jwt>`. What to
 * enter for Auth0, Clerk, Supabase, Keycloak and Entra ID: docs/authentication.md.
 *
 * A token is verified here, with the provider's public keys, at most once a minute. The keys are kept for ten minutes: so
 * long, known users outlive an outage of the provider. Nobody is asked about the user: whoever is locked out keeps access
 * until the token expires. Make one of these for a process: the keys are kept in it.
 *
 * @throws QuestlogError `invalid_configuration` naming the option that cannot work. The function it returns throws
 * `unauthenticated` or `auth_unavailable`, with no part of the token.
 *
 * @example
 * const authenticate = createJwtAuth({ issuer: 'https://acme.eu.auth0.com/', audience: 'https://questlog.acme.com' });
 */
export function createJwtAuth(options: JwtAuthOptions): Authenticate {
  checkOptions(options, OPTIONS, { code: 'invalid_configuration' });
  const { issuer, audience, jwksUrl, algorithms = ALGORITHMS, userId = ({ sub }) => sub } = options;
  const fetch = boundFetch(options.fetch ?? globalThis.fetch);
  const bare = issuer.replace(/\/$/, '');
  const verify = createVerifier({
    issuers: [bare, `${bare}/`],
    audience: audience ?? undefined,
    algorithms,
    keys: jwksUrl === undefined ? discoveredKeys(bare, fetch) : remoteKeys(new URL(jwksUrl), fetch),
    userId,
  });

  return async ({ headers }) => {
    const token = readBearerToken(headers);
    if (token === undefined) {
      throw unauthenticated('Sign in: send an access token in the authorization header, after "Bearer "');
    }
    return verify(token);
  };
}
