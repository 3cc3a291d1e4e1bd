import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWTPayload } from 'jose';
import { onTestFinished } from 'vitest';
import { closeServer, listenLocally } from './local-server.ts';
import { createSigningKey, type Signer, type SigningKey, signClaims, type TokenOptions } from './signing.ts';

/** What a provider's tokens and addresses look like. Its paths begin with a slash, or are empty. */
export interface ProviderShape {
  readonly name: string;
  /** The path of the issuer, as it stands in `iss`. */
  readonly issuer: string;
  /** The path of the key set. */
  readonly jwks: string;
  readonly alg: string;
  readonly header: Readonly<Record<string, string>>;
  /** What the tokens hold beside `iss`, `sub`, `iat` and `exp`. */
  readonly claims: Readonly<Record<string, unknown>>;
}

export const PLAIN_PROVIDER: ProviderShape = {
  name: 'a plain provider',
  issuer: '/',
  jwks: '/keys',
  alg: 'ES256',
  header: { typ: 'at+jwt' },
  claims: { aud: 'questlog' },
};

/** Starts a stand-in for an OpenID Connect provider, with two keys, the second of ES256, on a free port of 127.0.0.1; it ends with the test. */
export async function startOidcProvider(shape: ProviderShape = PLAIN_PROVIDER): Promise<OidcProvider> {
  const keys = [await createSigningKey(undefined, shape.alg), await createSigningKey()];
  const provider = new OidcProvider(shape, keys);
  await provider.listen();
  onTestFinished(() => provider.close());
  return provider;
}

/** What a server needs of an OpenID Connect provider: discovery, keys and tokens. */
export class OidcProvider implements Signer {
  readonly shape: ProviderShape;
  readonly signingKeys: SigningKey[];
  /** The path of each request that was received, oldest first. */
  readonly requests: string[] = [];
  /** What the discovery document says; set members at will. */
  readonly discovery: Record<string, unknown> = {};
  readonly #server: Server;
  #down = false;

  constructor(shape: ProviderShape, keys: SigningKey[]) {
    this.shape = shape;
    this.signingKeys = keys;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get issuer(): string {
    return this.origin + this.shape.issuer;
  }

  get jwksUrl(): string {
    return this.origin + this.shape.jwks;
  }

  /** What `createJwtAuth` needs to find the keys by itself. */
  get options(): { issuer: string; audience: string } {
    return { issuer: this.issuer, audience: 'questlog' };
  }

  claims({ userId = 'user-1', expiresIn = 600, claims = {} }: TokenOptions = {}): JWTPayload {
    const now = Math.floor(Date.now() / 1000);
    const own = { iss: this.issuer, sub: userId, iat: now, exp: now + expiresIn, jti: randomUUID() };
    return { ...own, ...this.shape.claims, ...claims };
  }

  sign(options: TokenOptions = {}): Promise<string> {
    const key = options.key ?? (this.signingKeys[0] as SigningKey);
    return signClaims(this.claims(options), key, { ...this.shape.header, ...options.header });
  }

  /** Signs with a new key from now on; the old ones stay published. */
  async rotate(): Promise<void> {
    this.signingKeys.unshift(await createSigningKey(undefined, this.shape.alg));
  }

  /** Answers everything with 503, until `comeBack`. */
  goDown(): void {
    this.#down = true;
  }

  comeBack(): void {
    this.#down = false;
  }

  async listen(): Promise<void> {
    await listenLocally(this.#server);
    Object.assign(this.discovery, { issuer: this.issuer, jwks_uri: this.jwksUrl });
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }

  #answer({ url: path = '/' }: IncomingMessage, response: ServerResponse): void {
    this.requests.push(path);
    const body = this.#down ? undefined : this.#documents()[path];
    response
      .writeHead(body === undefined ? 503 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(body ?? {}));
  }

  #documents(): Record<string, unknown> {
    const folder = this.shape.issuer.replace(/\/$/, '');
    return {
      [`${folder}/.well-known/openid-configuration`]: this.discovery,
      [this.shape.jwks]: { keys: this.signingKeys.map(({ jwk }) => jwk) },
    };
  }
}
