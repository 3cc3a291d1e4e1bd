import {
  type CryptoKey,
  errors,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { QuestlogError } from '../../errors.ts';
import { assertId } from '../../ids.ts';
import type { User } from './authenticate.ts';
import { TokenCache } from './token-cache.ts';

/** To check a signature takes as long as the rest of a small request: a verified token is known for a minute. */
const KNOWN_MS = 60_000;

/** What a JWT says of itself where it says it: others, such as logout tokens, are signed with the same keys. */
const ACCESS_TOKEN_TYPE = /^(application\/)?(at\+)?jwt$/i;

/** Claims that are times, in seconds since 1970. */
const TIMES = ['exp', 'iat', 'nbf'];

/** The claims of a token: what its issuer says of it and of its user. */
export type JwtClaims = Readonly<Record<string, unknown>>;

/** Which tokens are taken. */
export interface TokenRules {
  readonly issuers: readonly string[];
  /** Undefined: whoever the token is for. */
  readonly audience: string | readonly string[] | undefined;
  /** Of signatures, none of which may have a shared secret: a public key is no secret. */
  readonly algorithms: readonly string[];
  readonly keys: JWTVerifyGetKey;
  /**
   * The id of the user in a token whose signature, issuer, audience and times are right.
   *
   * @throws QuestlogError `unauthenticated` to say why this user is not let in.
   */
  readonly userId: (claims: JwtClaims) => unknown;
}

/**
 * Tells the user of an access token, from the token alone.
 *
 * @throws QuestlogError `unauthenticated` for a token that is not taken, with no part of it; `auth_unavailable` when its
 * key cannot be fetched.
 */
export type Verifier = (token: string) => Promise<User>;

/** Makes a verifier that checks a token at most once a minute. Clocks may differ by five seconds. */
export function createVerifier({ issuers, audience, algorithms, keys, userId }: TokenRules): Verifier {
  const options: JWTVerifyOptions = {
    issuer: [...issuers],
    ...(audience === undefined ? {} : { audience: typeof audience === 'string' ? audience : [...audience] }),
    algorithms: [...algorithms],
    requiredClaims: ['exp', 'iat'],
    clockTolerance: 5,
  };
  const known = new TokenCache<User>();

  return async (token) => {
    const before = known.get(token);
    if (before !== undefined) return before;
    const { payload, protectedHeader } = await verify(token, keys, options);
    if (!ACCESS_TOKEN_TYPE.test(protectedHeader.typ ?? 'JWT')) throw notValid('type');
    for (const claim of TIMES) if (!isTime(payload[claim] ?? 0)) throw notValid(`${claim} claim`);
    const expiresAt = payload.exp as number;
    const user = { userId: toId(userId(payload)), expiresAt };
    known.set(token, user, Math.min(Date.now() + KNOWN_MS, expiresAt * 1_000));
    return user;
  };
}

/** The library's errors hold claims, so none is passed on as a cause. */
async function verify(
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, options).catch((error: unknown) => {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyWithAny(token, error, options);
      throw error;
    });
  } catch (error) {
    if (error instanceof QuestlogError) throw error;
    if (error instanceof errors.JWTExpired) {
      throw unauthenticated('The access token has expired: get a new one and try again');
    }
    if (error instanceof errors.JWTClaimValidationFailed) throw notValid(`${error.claim} claim`);
    throw notValid(error instanceof errors.JOSEAlgNotAllowed ? 'algorithm' : 'signature');
  }
}

/** Keys may share an id while they are rotated, or have none. */
async function verifyWithAny(
  token: string,
  candidates: AsyncIterable<CryptoKey>,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  for await (const key of candidates) {
    try {
      return await jwtVerify(token, key, options);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

/** Numbers may be larger than any time: `1e400` is infinite. */
function isTime(seconds: unknown): boolean {
  return !Number.isNaN(new Date(Number(seconds) * 1_000).getTime());
}

/** A number is no id: large ones are read as their neighbours. */
function toId(value: unknown): string {
  try {
    assertId('userId', value);
    return value;
  } catch {
    throw unauthenticated('The access token names no user');
  }
}

/** The error for a request that does not prove who sent it. */
export function unauthenticated(message: string): QuestlogError {
  return new QuestlogError('unauthenticated', message);
}

function notValid(part: string): QuestlogError {
  return unauthenticated(`The access token is not valid here: its ${part} is not accepted`);
}
