import { StackClientApp } from '@stackframe/js';
import { pathOf, type StackConfig } from '../config.ts';
import type { Failure } from '../failure.ts';
import type { Account, Elsewhere, PasswordProvider } from './auth-provider.ts';

/** Stack Auth, through its own client: it keeps the session in cookies and renews tokens before they expire. */
export async function createStackProvider(config: StackConfig): Promise<PasswordProvider> {
  // Where the provider's page sends the person back to.
  const returnPath = pathOf('/handler/oauth-callback');
  const app = new StackClientApp({
    projectId: config.projectId,
    baseUrl: config.apiUrl,
    ...(config.publishableClientKey === null ? {} : { publishableClientKey: config.publishableClientKey }),
    tokenStore: 'cookie',
    redirectMethod: 'window',
    urls: { oauthCallback: returnPath },
    devTool: false,
    analytics: { enabled: false },
  });
  if (location.pathname === returnPath) await comeBack(() => app.callOAuthCallback());
  return {
    kind: 'password',
    async account(): Promise<Account | undefined> {
      const user = await app.getUser();
      if (user === null) return undefined;
      return {
        id: user.id,
        name: user.displayName ?? user.primaryEmail ?? undefined,
        getToken: async () => (await user.getAccessToken()) ?? null,
        signOut: async () => {
          await user.signOut({ redirectUrl: pathOf('/') }).catch(() => undefined);
        },
      };
    },
    async signIn(email, password) {
      return refusalOf(await app.signInWithCredential({ email, password, noRedirect: true }));
    },
    async signUp(email, password) {
      return refusalOf(await app.signUpWithCredential({ email, password, noRedirect: true }));
    },
    async elsewhere(): Promise<readonly Elsewhere[]> {
      const { config: project } = await app.getProject();
      return project.oauthProviders.map(({ id }) => ({ name: id, go: () => app.signInWithOAuth(id) }));
    },
  };
}

async function comeBack(finish: () => Promise<unknown>): Promise<void> {
  await finish().catch(() => undefined);
  history.replaceState(null, '', pathOf('/'));
}

type Result =
  | { readonly status: 'ok' }
  | { readonly status: 'error'; readonly error: Error & { readonly errorCode: string } };

function refusalOf(result: Result): Failure | undefined {
  return result.status === 'ok' ? undefined : { code: result.error.errorCode, detail: result.error.message };
}
