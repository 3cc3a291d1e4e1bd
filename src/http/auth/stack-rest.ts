import { QuestlogError } from '../../errors.ts';
import { authUnavailable } from './authenticate.ts';
import { TokenCache } from './token-cache.ts';

/** How long an answer of Stack Auth is used again, in milliseconds. */
const CACHE_MS = 10_000;
const TIMEOUT_MS = 5_000;

/**
 * The known errors of Stack Auth (stack-shared, known-errors.tsx) that are about the user or the token. Every
 * other one, such as INVALID_SECRET_SERVER_KEY, is about this server: signing in again would not help.
 */
const REFUSALS: ReadonlySet<unknown> = new Set([
  'UNPARSABLE_ACCESS_TOKEN',
  'ACCESS_TOKEN_EXPIRED',
  'INVALID_PROJECT_FOR_ACCESS_TOKEN',
  'ANONYMOUS_AUTHENTICATION_NOT_ALLOWED',
  'RESTRICTED_USER_NOT_ALLOWED',
  'CANNOT_GET_OWN_USER_WITHOUT_USER',
  'USER_NOT_FOUND',
]);

export interface UserCheckOptions {
  /** Scheme and host of the Stack Auth API. */
  readonly origin: string;
  readonly projectId: string;
  readonly secretServerKey: string;
  readonly fetch: typeof fetch;
}

/**
 * Resolves when Stack Auth still knows the user of a verified token as a full user.
 *
 * @throws QuestlogError `unauthenticated` for a user who was deleted or restricted, `auth_unavailable` when
 * Stack Auth gives no usable answer.
 */
export type UserCheck = (accessToken: string, userId: string) => Promise<void>;

/**
 * Asks Stack Auth about a user (`GET /api/v1/users/me`, server access), at most once in ten seconds for a
 * token. It answers from the token and the user's row, not the session (apps/backend,
 * route-handlers/smart-request.tsx): a user who signed out elsewhere is refused when the token expires, not
 * before.
 */
export function createUserCheck(options: UserCheckOptions): UserCheck {
  const kept = new TokenCache<Promise<void>>();

  return (accessToken, userId) => {
    const known = kept.get(accessToken);
    if (known !== undefined) return known;

    const verdict = askAbout(options, accessToken, userId);
    kept.set(accessToken, verdict, Date.now() + CACHE_MS);
    verdict.catch((error: unknown) => {
      if (error instanceof QuestlogError && error.code === 'unauthenticated') return;
      kept.delete(accessToken);
    });
    return verdict;
  };
}

async function askAbout(options: UserCheckOptions, accessToken: string, userId: string): Promise<void> {
  const { status, body } = await getOwnUser(options, accessToken);
  if (status === 200) {
    if (body.id === userId && !body.is_anonymous && !body.is_restricted) return;
    throw refused();
  }
  if (status < 500 && REFUSALS.has(body.code)) throw refused();
  throw authUnavailable(
    new Error(`Stack Auth answered GET /api/v1/users/me with ${status} ${body.code ?? ''}`),
  );
}

async function getOwnUser(
  options: UserCheckOptions,
  accessToken: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  try {
    const response = await options.fetch(`${options.origin}/api/v1/users/me`, {
      headers: {
        'x-stack-access-type': 'server',
        'x-stack-project-id': options.projectId,
        'x-stack-secret-server-key': options.secretServerKey,
        'x-stack-access-token': accessToken,
      },
      // A redirect would carry the secret key to another host.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body: unknown = await response.json();
    return { status: response.status, body: Object(body) };
  } catch (cause) {
    throw authUnavailable(cause);
  }
}

function refused(): QuestlogError {
  return new QuestlogError('unauthenticated', 'This account has no access: sign in with a full account');
}
