import { randomUUID } from 'node:crypto';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  /** As published in the key set. */
  readonly jwk: JWK;
}

export interface TokenOptions {
  readonly userId?: string;
  /** Claims to change; `undefined` leaves one out. */
  readonly claims?: Record<string, unknown>;
  /** Seconds from now; negative for a token that has expired. */
  readonly expiresIn?: number;
  /** Default: the first key. */
  readonly key?: SigningKey;
  readonly header?: Partial<JWTHeaderParameters>;
}

/** Who signs tokens. */
export interface Signer {
  /** What signs, and what the key set publishes: change it at will. */
  readonly signingKeys: SigningKey[];
  claims(options?: TokenOptions): JWTPayload;
  sign(options?: TokenOptions): Promise<string>;
}

/** A new key pair, and its public half as services publish it. */
export async function createSigningKey(
  kid: string = randomUUID().slice(0, 12),
  alg = 'ES256',
): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } as JWK };
}

/** A token with these claims. */
export function signClaims(
  claims: JWTPayload,
  key: SigningKey,
  header: TokenOptions['header'] = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(key.privateKey);
}
