import {
  type CryptoKey,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { QuestlogError } from '../../errors.ts';
import { assertId } from '../../ids.ts';
import { type Authenticate, authUnavailable, type User } from './authenticate.ts';
import { createUserCheck } from './stack-rest.ts';
import { readAccessToken } from './token.ts';
import { TokenCache } from './token-cache.ts';

/** The hosted service. */
export const STACK_API_URL = 'https://api.stack-auth.com';

/** To check a signature takes as long as the rest of a small request: a verified token is known for a minute. */
const VERIFIED_TOKEN_MS = 60_000;
/** How long a failure to fetch the keys counts for all requests. */
const KEYS_RETRY_MS = 3_000;

/** The two names of the hosted service. Either may sign a token of the same project. */
const CLOUD_ORIGINS = [STACK_API_URL, 'https://api.hexclave.com'];

export interface StackAuthOptions {
  readonly projectId: string;
  /** Where the Stack Auth API is; only its scheme and host count. Default: https://api.stack-auth.com */
  readonly apiUrl?: string;
  /** With it, Stack Auth is asked whether the user still exists unrestricted; see `createUserCheck`. */
  readonly secretServerKey?: string;
  /** Used instead of the global `fetch`, for a proxy or a test. */
  readonly fetch?: typeof fetch;
}

/**
 * Signs requests in with Stack Auth access tokens: full users of the project, on its main branch, by their
 * `sub`.
 *
 * A token is verified here, with the public keys of the project, at most once a minute. The keys are fetched
 * when first needed, kept for ten minutes (so long, known users outlive an outage of Stack Auth), and fetched
 * again for an unknown key at most once in 30 seconds. Without `secretServerKey`, a deleted or restricted
 * user keeps access until the token expires: Stack Auth signs for ten minutes. Make one of these for a
 * process: the keys are kept in it.
 *
 * The shape of the tokens: stack-auth/stack-auth, apps/backend/src/lib/tokens.tsx.
 *
 * @throws QuestlogError `invalid_configuration` for options that cannot work. The function it returns throws
 * `unauthenticated` or `auth_unavailable`, with no part of the token.
 */
export function createStackAuth(options: StackAuthOptions): Authenticate {
  const { projectId, secretServerKey, fetch = globalThis.fetch } = options;
  if (!/^[\w-]+$/.test(projectId)) throw invalid('The Stack Auth project id is not well-formed');
  // An error of fetch quotes a header that it cannot send, so a broken key must not get there.
  if (secretServerKey !== undefined && !/^[!-~]+$/.test(secretServerKey)) {
    throw invalid('The Stack Auth secret server key is not well-formed');
  }
  const origin = parseOrigin(options.apiUrl ?? STACK_API_URL);
  const issuers = CLOUD_ORIGINS.includes(origin) ? CLOUD_ORIGINS : [origin];
  const rules: JWTVerifyOptions = {
    algorithms: ['ES256'],
    issuer: issuers.map((issuer) => `${issuer}/api/v1/projects/${projectId}`),
    audience: projectId,
    requiredClaims: ['sub', 'exp', 'iat'],
    clockTolerance: 5,
  };
  const keys = projectKeys(origin, projectId, fetch);
  const askStack =
    secretServerKey === undefined
      ? undefined
      : createUserCheck({ origin, projectId, secretServerKey, fetch });

  const verified = new TokenCache<User>();

  return async (request) => {
    const token = readAccessToken(request.headers);
    if (token === undefined) {
      throw unauthenticated('Sign in: send a Stack Auth access token in the x-stack-access-token header');
    }
    let user = verified.get(token);
    if (user === undefined) {
      user = fullUser(await verify(token, keys, rules));
      verified.set(token, user, Math.min(Date.now() + VERIFIED_TOKEN_MS, (user.expiresAt ?? 0) * 1_000));
    }
    await askStack?.(token, user.userId);
    return user;
  };
}

function parseOrigin(apiUrl: string): string {
  if (!/^https?:/i.test(apiUrl) || !URL.canParse(apiUrl)) {
    throw invalid('The Stack Auth API URL must be an http or https URL');
  }
  return new URL(apiUrl).origin;
}

function projectKeys(origin: string, projectId: string, fetch: typeof globalThis.fetch): JWTVerifyGetKey {
  // Without ?include_anonymous and ?include_restricted, the keys of such users' tokens are not in the set.
  const keys = createRemoteJWKSet(new URL(`/api/v1/projects/${projectId}/.well-known/jwks.json`, origin), {
    timeoutDuration: 5_000,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    [customFetch]: fetch,
  });
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (header, token) => {
    // A service that is away is not asked by every request; keys that are known need not be asked for.
    if (Date.now() < failedAt + KEYS_RETRY_MS && !keys.fresh) throw authUnavailable(undefined);
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      if (error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      failedAt = Date.now();
      throw authUnavailable(error);
    }
  };
}

/** The claims of a valid token. The library's errors hold claims, so none is passed on as a cause. */
async function verify(token: string, keys: JWTVerifyGetKey, rules: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, rules).catch((error: unknown) => {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyWithAny(token, error, rules);
      throw error;
    });
    return payload;
  } catch (error) {
    if (error instanceof QuestlogError) throw error;
    if (error instanceof errors.JWTExpired) {
      throw unauthenticated('The access token has expired: get a new one and try again');
    }
    throw unauthenticated('The access token is not valid here: sign in to this project with a full account');
  }
}

/** Stack Auth can publish two keys under one id while it rotates its secret. */
async function verifyWithAny(
  token: string,
  candidates: AsyncIterable<CryptoKey>,
  rules: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  for await (const key of candidates) {
    try {
      return await jwtVerify(token, key, rules);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

function fullUser(claims: JWTPayload): User {
  if (claims.is_anonymous) throw unauthenticated('Anonymous users have no access: sign in with an account');
  if (claims.is_restricted) {
    throw unauthenticated('This account is restricted: finish its sign-up, then get a new access token');
  }
  if (claims.branch_id !== 'main') throw unauthenticated('The access token is for another branch');
  const { sub, exp } = claims;
  try {
    assertId('sub', sub);
  } catch {
    throw unauthenticated('The access token names no user');
  }
  return { userId: sub, ...(exp === undefined ? {} : { expiresAt: exp }) };
}

function unauthenticated(message: string): QuestlogError {
  return new QuestlogError('unauthenticated', message);
}

function invalid(message: string): QuestlogError {
  return new QuestlogError('invalid_configuration', message);
}
