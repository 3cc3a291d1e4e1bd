import { type Checks, checkOptions, isFunction, isHttpUrl, isMatch, optional } from '../../options.ts';
import type { Authenticate } from './authenticate.ts';
import { boundFetch } from './bounded-fetch.ts';
import { remoteKeys } from './remote-keys.ts';
import { createUserCheck } from './stack-rest.ts';
import { readStackToken } from './token.ts';
import { createVerifier, type JwtClaims, unauthenticated } from './verifier.ts';

/** The hosted service. */
export const STACK_API_URL = 'https://api.stack-auth.com';

/** The two names of the hosted service. Either may sign a token of the same project. */
const CLOUD_ORIGINS = [STACK_API_URL, 'https://api.hexclave.com'];

/** Whose tokens are taken. */
export interface StackAuthOptions {
  /** The project of Stack Auth whose users these are. */
  readonly projectId: string;
  /** Where the Stack Auth API is; only its scheme and host count. Default: https://api.stack-auth.com */
  readonly apiUrl?: string | undefined;
  /** With it, Stack Auth is asked whether the user still exists unrestricted; see `createUserCheck`. */
  readonly secretServerKey?: string | undefined;
  /** Used instead of the global `fetch`, for a proxy or a test. */
  readonly fetch?: typeof fetch | undefined;
}

const OPTIONS: Checks<StackAuthOptions> = {
  projectId: isMatch(/^[\w-]+$/, 'must be letters, digits, - and _'),
  apiUrl: optional(isHttpUrl),
  // An error of fetch quotes a header that it cannot send, so a broken key must not get there.
  secretServerKey: optional(isMatch(/^[!-~]+$/, 'must be printable ASCII')),
  fetch: optional(isFunction),
};

/**
 * Signs requests in with Stack Auth access tokens: full users of the project, on its main branch, by their
 * `sub`.
 *
 * A token is verified here, with the public keys of the project, at most once a minute. The keys are kept for ten
 * minutes: so long, known users outlive an outage of Stack Auth. Without `secretServerKey`, a deleted or restricted
 * user keeps access until the token expires: Stack Auth signs for ten minutes. Make one of these for a
 * process: the keys are kept in it.
 *
 * The shape of the tokens: stack-auth/stack-auth, apps/backend/src/lib/tokens.tsx.
 *
 * @throws QuestlogError `invalid_configuration` for options that cannot work. The function it returns throws
 * `unauthenticated` or `auth_unavailable`, with no part of the token.
 */
export function createStackAuth(options: StackAuthOptions): Authenticate {
  checkOptions(options, OPTIONS, { code: 'invalid_configuration' });
  const { projectId, secretServerKey } = options;
  const fetch = boundFetch(options.fetch ?? globalThis.fetch);
  const { origin } = new URL(options.apiUrl ?? STACK_API_URL);
  const issuers = CLOUD_ORIGINS.includes(origin) ? CLOUD_ORIGINS : [origin];
  const verify = createVerifier({
    issuers: issuers.map((issuer) => `${issuer}/api/v1/projects/${projectId}`),
    audience: projectId,
    algorithms: ['ES256'],
    // Without ?include_anonymous and ?include_restricted, the keys of such users' tokens are not in the set.
    keys: remoteKeys(new URL(`/api/v1/projects/${projectId}/.well-known/jwks.json`, origin), fetch),
    userId: fullUserId,
  });
  const askStack =
    secretServerKey === undefined
      ? undefined
      : createUserCheck({ origin, projectId, secretServerKey, fetch });

  return async ({ headers }) => {
    const token = readStackToken(headers);
    if (token === undefined) {
      throw unauthenticated('Sign in: send a Stack Auth access token in the x-stack-access-token header');
    }
    const user = await verify(token);
    await askStack?.(token, user.userId);
    return user;
  };
}

function fullUserId({ is_anonymous, is_restricted, branch_id, sub }: JwtClaims): unknown {
  if (is_anonymous) throw unauthenticated('Anonymous users have no access: sign in with an account');
  if (is_restricted) {
    throw unauthenticated('This account is restricted: finish its sign-up, then get a new access token');
  }
  if (branch_id !== 'main') throw unauthenticated('The access token is for another branch');
  return sub;
}
