import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { closeServer, listenLocally } from '../support/local-server.ts';
import { createSigningKey } from '../support/signing.ts';
import { StackAuthStub } from '../support/stack-auth.ts';

interface Member {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

/** What a browser needs of Stack Auth's API: accounts with passwords, sessions, tokens. */
export interface StackService {
  readonly url: string;
  readonly projectId: string;
  addUser(email: string, password: string): void;
  /** How often a session was given a new token. */
  refreshes(): number;
  /** New tokens live for so many seconds. */
  shortenTokens(seconds: number): void;
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': '*',
  'access-control-expose-headers': '*',
};

/** Starts a stand-in that the service's own browser client can talk to; it ends with the test. */
export async function startStackService(): Promise<StackService> {
  const keys = await createSigningKey();
  const stub = new StackAuthStub({ normal: [keys], restricted: [], anonymous: [] });
  const members = new Map<string, Member>();
  const sessions = new Map<string, Member>();
  let refreshes = 0;
  let expiresIn = 600;
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await stub.listen();
  const url = `http://127.0.0.1:${await listenLocally(server)}`;
  onTestFinished(async () => {
    await closeServer(server);
    await stub.close();
  });

  const tokenFor = ({ id, email }: Member) =>
    stub.sign({
      userId: id,
      expiresIn,
      claims: { email, iss: `${url}/api/v1/projects/${stub.projectId}` },
    });
  const begin = async (member: Member) => {
    const refresh_token = randomBytes(24).toString('base64url');
    sessions.set(refresh_token, member);
    return { access_token: await tokenFor(member), refresh_token, user_id: member.id, is_new_user: false };
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { pathname } = new URL(request.url ?? '/', url);
    const send = (status: number, body: unknown, headers = {}) => {
      response
        .writeHead(status, { 'content-type': 'application/json', ...CORS, ...headers })
        .end(JSON.stringify(body));
    };
    const refuse = (status: number, code: string, error: string) =>
      send(200, { code, error }, { 'x-stack-known-error': code, 'x-stack-actual-status': String(status) });
    const path = pathname.replace('/api/v1', '');
    if (request.method === 'OPTIONS') return send(200, {});
    if (path.endsWith('/jwks.json')) return send(200, { keys: [keys.jwk] });
    if (path === '/auth/password/sign-in') {
      const { email, password } = JSON.parse(text) as Member;
      const member = members.get(email);
      if (member?.password !== password)
        return refuse(400, 'EMAIL_PASSWORD_MISMATCH', 'Wrong e-mail or password.');
      return send(200, await begin(member));
    }
    if (path === '/auth/password/sign-up') {
      const { email, password } = JSON.parse(text) as Member;
      return send(200, await begin(add(email, password)));
    }
    if (path === '/auth/oauth/token') {
      refreshes += 1;
      const refresh_token = new URLSearchParams(text).get('refresh_token') ?? '';
      const member = sessions.get(refresh_token);
      if (member === undefined) return refuse(401, 'REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED', 'Sign in again.');
      return send(200, {
        access_token: await tokenFor(member),
        token_type: 'Bearer',
        expires_in: expiresIn,
        refresh_token,
      });
    }
    if (path === '/users/me') {
      const token = String(
        request.headers['x-hexclave-access-token'] ?? request.headers['x-stack-access-token'],
      );
      const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}');
      const member = [...members.values()].find(({ id }) => id === sub);
      if (member === undefined)
        return refuse(400, 'CANNOT_GET_OWN_USER_WITHOUT_USER', 'Nobody is signed in.');
      return send(200, profileOf(member));
    }
    if (path === '/projects/current')
      return send(200, { id: stub.projectId, display_name: 'Stub', config: PROJECT });
    return send(200, { success: true });
  }

  function add(email: string, password: string): Member {
    const member = { id: randomUUID(), email, password };
    members.set(email, member);
    return member;
  }

  return {
    url,
    projectId: stub.projectId,
    addUser: (email, password) => void add(email, password),
    refreshes: () => refreshes,
    shortenTokens: (seconds) => {
      expiresIn = seconds;
    },
  };
}

const PROJECT = {
  sign_up_enabled: true,
  credential_enabled: true,
  magic_link_enabled: false,
  passkey_enabled: false,
  client_team_creation_enabled: false,
  client_user_deletion_enabled: false,
  allow_user_api_keys: false,
  allow_team_api_keys: false,
  enabled_oauth_providers: [],
};

function profileOf({ id, email }: Member) {
  const empty = {
    client_metadata: null,
    client_read_only_metadata: null,
    profile_image_url: null,
    selected_team: null,
  };
  return {
    ...empty,
    id,
    primary_email: email,
    primary_email_verified: true,
    primary_email_auth_enabled: true,
    display_name: null,
    signed_up_at_millis: 1_790_000_000_000,
    has_password: true,
    auth_with_email: true,
    oauth_providers: [],
    selected_team_id: null,
    requires_totp_mfa: false,
    otp_auth_enabled: false,
    passkey_auth_enabled: false,
    is_anonymous: false,
    is_restricted: false,
    restricted_reason: null,
  };
}
