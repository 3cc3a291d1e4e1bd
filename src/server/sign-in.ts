import type { Authenticate } from '../http/auth/authenticate.ts';
import { createJwtAuth } from '../http/auth/jwt.ts';
import { localUser } from '../http/auth/local.ts';
import { createStackAuth } from '../http/auth/stack.ts';
import { type EnvReader, optional } from './env-reader.ts';

/** How the users of the server sign in. */
export type SignIn =
  | {
      /** One user, who does not. */
      readonly kind: 'local';
    }
  | {
      readonly kind: 'stack';
      readonly projectId: string;
      readonly apiUrl?: string;
      readonly secretServerKey?: string;
      /** Lets people sign in on the page. */
      readonly publishableClientKey?: string;
    }
  | {
      readonly kind: 'jwt';
      readonly issuer: string;
      /** Null: tokens are taken whoever they are for. */
      readonly audience: readonly string[] | null;
      readonly jwksUrl?: string;
      /** The claim that holds the user's id. */
      readonly userClaim: string;
    };

/** Reads how users sign in: each way begins with a variable of its own. */
export function readSignIn(reader: EnvReader): SignIn {
  const stack = readStack(reader);
  const jwt = readJwt(reader);
  if (stack !== undefined && jwt !== undefined) {
    reader.problem('QUESTLOG_JWT_ISSUER', 'is set, and STACK_PROJECT_ID too: users sign in with one of them');
  }
  return stack ?? jwt ?? { kind: 'local' };
}

function readStack(reader: EnvReader): SignIn | undefined {
  const projectId = reader.matching('STACK_PROJECT_ID', /^[\w-]+$/, 'must be letters, digits, - and _');
  const others = {
    ...optional('apiUrl', reader.url('STACK_API_URL')),
    ...optional('secretServerKey', reader.headerText('STACK_SECRET_SERVER_KEY')),
    ...optional('publishableClientKey', reader.headerText('STACK_PUBLISHABLE_CLIENT_KEY')),
  };
  reader.refuseWithout('STACK_PROJECT_ID', [
    'STACK_API_URL',
    'STACK_SECRET_SERVER_KEY',
    'STACK_PUBLISHABLE_CLIENT_KEY',
  ]);
  return projectId === undefined ? undefined : { kind: 'stack', projectId, ...others };
}

function readJwt(reader: EnvReader): SignIn | undefined {
  const issuer = reader.url('QUESTLOG_JWT_ISSUER');
  const jwksUrl = reader.url('QUESTLOG_JWT_JWKS_URL');
  reader.refuseWithout('QUESTLOG_JWT_ISSUER', [
    'QUESTLOG_JWT_AUDIENCE',
    'QUESTLOG_JWT_JWKS_URL',
    'QUESTLOG_JWT_USER_CLAIM',
  ]);
  if (issuer === undefined) return undefined;
  return {
    kind: 'jwt',
    issuer,
    audience: audienceOf(reader),
    ...optional('jwksUrl', jwksUrl),
    userClaim: reader.text('QUESTLOG_JWT_USER_CLAIM') ?? 'sub',
  };
}

function audienceOf(reader: EnvReader): readonly string[] | null {
  const audience = reader.list('QUESTLOG_JWT_AUDIENCE');
  if (audience.length === 0) {
    reader.problem(
      'QUESTLOG_JWT_AUDIENCE',
      'must be what the tokens of QUESTLOG_JWT_ISSUER are for, or none to take them whoever they are for',
    );
  }
  return audience.join() === 'none' ? null : audience;
}

/** What tells who sends a request. */
export function createAuthenticate(signIn: SignIn, fetch?: typeof globalThis.fetch): Authenticate {
  switch (signIn.kind) {
    case 'local':
      return localUser();
    case 'stack': {
      const { projectId, apiUrl, secretServerKey } = signIn;
      return createStackAuth({ projectId, apiUrl, secretServerKey, fetch });
    }
    case 'jwt': {
      const { issuer, audience, jwksUrl, userClaim } = signIn;
      return createJwtAuth({ issuer, audience, jwksUrl, userId: (claims) => claims[userClaim], fetch });
    }
  }
}

/** How users sign in, for people. */
export function describeSignIn(signIn: SignIn): string {
  switch (signIn.kind) {
    case 'local':
      return 'none: one local user, reachable from this machine only (set STACK_PROJECT_ID or QUESTLOG_JWT_ISSUER)';
    case 'stack':
      return `Stack Auth, project ${signIn.projectId}`;
    case 'jwt':
      return `access tokens of ${signIn.issuer} for ${signIn.audience?.join(' or ') ?? 'anyone'}`;
  }
}
