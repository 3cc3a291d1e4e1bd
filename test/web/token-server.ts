import { onTestFinished } from 'vitest';
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider.ts';
import { type PageServer, startPageServer } from './page-server.ts';

/** Starts a server that takes the tokens of a provider, which ends with the test. */
export async function startTokenServer(): Promise<{ provider: OidcProvider; server: PageServer }> {
  const provider = await startOidcProvider();
  const server = await startPageServer({
    QUESTLOG_JWT_ISSUER: provider.issuer,
    QUESTLOG_JWT_AUDIENCE: 'questlog',
  });
  onTestFinished(async () => {
    await server.program.kill('SIGTERM');
  });
  return { provider, server };
}
