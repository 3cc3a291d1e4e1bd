import { ApiError, QuestlogClient } from 'questlog/client';
import { apiUrl, type JwtConfig } from '../config.ts';
import { type Failure, failureOf } from '../failure.ts';
import { readStored, store } from '../storage.ts';
import type { Account, TokenProvider } from './auth-provider.ts';
import { KNOWN_TO_PROXY, TOKEN } from './stored-keys.ts';

/** An access token that the person brings, or that a proxy in front of the server adds to each request. */
export function createTokenProvider({ issuer }: JwtConfig): TokenProvider {
  return {
    kind: 'token',
    issuer,
    async account(): Promise<Account | undefined> {
      const token = readStored<string>(TOKEN, 'sessionStorage') ?? null;
      if ((await refusalOf(token)) !== undefined) return undefined;
      return {
        id: personOf(token),
        name: undefined,
        getToken: async ({ refresh }) => {
          if (refresh) startAnew();
          return token;
        },
        // The proxy would sign them in again.
        signOut: token === null ? undefined : async () => keep(undefined),
      };
    },
    async take(token) {
      const refusal = await refusalOf(token);
      if (refusal === undefined) keep(token);
      return refusal;
    },
  };
}

/** Who a token is of. What a proxy adds the page does not see: all that it knows is that there is a proxy. */
function personOf(token: string | null): string {
  if (token === null) return KNOWN_TO_PROXY;
  const [, claims = ''] = token.split('.');
  const { iss, sub } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')));
  return `${iss} ${sub}`;
}

/** There is no other token: the person, or the proxy, has to get one. */
function startAnew(): void {
  keep(undefined);
  location.reload();
}

function keep(token: string | undefined): void {
  store(TOKEN, token, 'sessionStorage');
}

/** What the server says against a token, or, with null, against the one that a proxy adds. */
async function refusalOf(token: string | null): Promise<Failure | undefined> {
  try {
    await new QuestlogClient({ baseUrl: apiUrl(), getToken: async () => token }).listChats({ limit: 1 });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return failureOf(error);
    throw error;
  }
}
