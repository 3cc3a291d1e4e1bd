import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, type JWTPayload } from 'jose';
import { closeServer, listenLocally } from './local-server.ts';
import { createSigningKey, type Signer, type SigningKey, signClaims, type TokenOptions } from './signing.ts';

/** The kinds of user that Stack Auth tells apart; each has its own issuer, audience and keys. */
export type UserKind = 'normal' | 'restricted' | 'anonymous';

export interface StackTokenOptions extends TokenOptions {
  readonly kind?: UserKind;
}

export interface RecordedRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

const ISSUER_SUFFIX = { normal: '', restricted: '-restricted-users', anonymous: '-anonymous-users' };
const AUDIENCE_SUFFIX = { normal: '', restricted: ':restricted', anonymous: ':anon' };
const RESTRICTED_REASON = {
  normal: null,
  restricted: { type: 'email_not_verified' },
  anonymous: { type: 'anonymous' },
};

/** Starts a stand-in for the Stack Auth API on a free port of 127.0.0.1. Close it when done. */
export async function startStackAuthStub(): Promise<StackAuthStub> {
  const keys = {
    normal: [await createSigningKey(), await createSigningKey()],
    restricted: [await createSigningKey()],
    anonymous: [await createSigningKey()],
  };
  const stub = new StackAuthStub(keys);
  await stub.listen();
  return stub;
}

/**
 * The parts of the Stack Auth API that a server needs: signed access tokens, the key set of a project and
 * `GET /api/v1/users/me`. Every user id is a user until it is removed. Like the real service, `users/me`
 * looks at the token and the user, never at the session.
 */
export class StackAuthStub implements Signer {
  readonly projectId = randomUUID();
  readonly secretServerKey = 'ssk_stub';
  /** Every request that was received, oldest first. */
  readonly requests: RecordedRequest[] = [];
  /** What signs, and what the key set publishes: change it at will. */
  readonly keys: Record<UserKind, SigningKey[]>;
  readonly #restricted = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #server: Server;
  #down = false;

  constructor(keys: Record<UserKind, SigningKey[]>) {
    this.keys = keys;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** The base URL, as `createStackAuth` and the Stack Auth SDK take it. */
  get apiUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What `createStackAuth` needs to verify tokens; add `secretServerKey` to have users checked too. */
  get options(): { projectId: string; apiUrl: string } {
    return { projectId: this.projectId, apiUrl: this.apiUrl };
  }

  get signingKeys(): SigningKey[] {
    return this.keys.normal;
  }

  /** How often the key set was asked for. */
  get keyFetches(): number {
    return this.requests.filter((request) => request.path.endsWith('/jwks.json')).length;
  }

  /** How often a user was asked about. */
  get userFetches(): number {
    return this.requests.filter((request) => request.path.endsWith('/users/me')).length;
  }

  /** The claims of an access token; the Stack Auth SDK drops a token that lacks one of them. */
  claims(options: StackTokenOptions = {}): JWTPayload {
    const { userId = 'user-1', kind = 'normal', expiresIn = 600 } = options;
    const now = Math.floor(Date.now() / 1000);
    return {
      sub: userId,
      iss: `${this.apiUrl}/api/v1/projects${ISSUER_SUFFIX[kind]}/${this.projectId}`,
      aud: `${this.projectId}${AUDIENCE_SUFFIX[kind]}`,
      iat: now,
      exp: now + expiresIn,
      project_id: this.projectId,
      branch_id: 'main',
      refresh_token_id: 'session-1',
      role: 'authenticated',
      name: 'Ada',
      email: 'ada@example.com',
      email_verified: true,
      selected_team_id: null,
      signed_up_at: now,
      is_anonymous: kind === 'anonymous',
      is_restricted: kind !== 'normal',
      restricted_reason: RESTRICTED_REASON[kind],
      requires_totp_mfa: false,
      ...options.claims,
    };
  }

  /** An access token as Stack Auth signs it. */
  sign(options: StackTokenOptions = {}): Promise<string> {
    const key = options.key ?? (this.keys[options.kind ?? 'normal'][0] as SigningKey);
    return signClaims(this.claims(options), key, options.header);
  }

  /** Signs with a new key from now on; the old ones stay published. */
  async rotate(): Promise<SigningKey> {
    const key = await createSigningKey();
    this.keys.normal.unshift(key);
    return key;
  }

  /** Answers everything with 503, until `comeBack`. */
  goDown(): void {
    this.#down = true;
  }

  comeBack(): void {
    this.#down = false;
  }

  removeUser(userId: string): void {
    this.#removed.add(userId);
  }

  restrictUser(userId: string): void {
    this.#restricted.add(userId);
  }

  async listen(): Promise<void> {
    await listenLocally(this.#server);
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.apiUrl);
    this.requests.push({ path: url.pathname, headers: request.headers });
    const [status, body] = this.#reply(url, request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #reply(url: URL, request: IncomingMessage): [status: number, body: unknown] {
    if (this.#down) return [503, {}];
    if (url.pathname === `/api/v1/projects/${this.projectId}/.well-known/jwks.json`) {
      return [200, { keys: this.#published(url.searchParams).map((key) => key.jwk) }];
    }
    if (url.pathname === '/api/v1/users/me') return this.#ownUser(request);
    return [404, { code: 'NOT_FOUND', error: 'No such route' }];
  }

  #published(query: URLSearchParams): SigningKey[] {
    const anonymous = query.get('include_anonymous') === 'true';
    const restricted = anonymous || query.get('include_restricted') === 'true';
    const { keys } = this;
    return [...keys.normal, ...(restricted ? keys.restricted : []), ...(anonymous ? keys.anonymous : [])];
  }

  #ownUser({ headers }: IncomingMessage): [status: number, body: unknown] {
    if (headers['x-stack-access-type'] !== 'server') return [400, { code: 'ACCESS_TYPE_REQUIRED' }];
    if (headers['x-stack-project-id'] !== this.projectId) return [400, { code: 'CURRENT_PROJECT_NOT_FOUND' }];
    if (headers['x-stack-secret-server-key'] !== this.secretServerKey) {
      return [401, { code: 'INVALID_SECRET_SERVER_KEY' }];
    }
    const id = decodeJwt(String(headers['x-stack-access-token'])).sub as string;
    if (this.#removed.has(id)) return [400, { code: 'CANNOT_GET_OWN_USER_WITHOUT_USER' }];
    return [200, { id, is_anonymous: false, is_restricted: this.#restricted.has(id) }];
  }
}
