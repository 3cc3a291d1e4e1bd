import { QuestlogError } from '../../errors.ts';
import { createAuthenticate, describeSignIn, type SignIn } from '../sign-in.ts';
import { describeClock } from './clock.ts';
import { explain, type Finding } from './finding.ts';

const name = 'authentication';

/** Signed by nobody: to refuse it, the keys have to be fetched. */
const TOKEN = [{ alg: 'ES256', kid: 'questlog-doctor', typ: 'JWT' }, { sub: 'doctor' }, 'none']
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.');

/** Whether the keys can be fetched with which tokens are verified, on the way that a request takes. */
export async function checkAuthentication(signIn: SignIn): Promise<readonly Finding[]> {
  const found = describeSignIn(signIn);
  if (signIn.kind === 'local') return [{ name, status: 'ok', found }];
  let last: Response | undefined;
  const authenticate = createAuthenticate(signIn, async (url, init) => {
    const response = await fetch(url, init);
    last = response.clone();
    return response;
  });
  try {
    await authenticate({ headers: { authorization: `Bearer ${TOKEN}` } });
  } catch (error) {
    if (!(error instanceof QuestlogError) || error.code !== 'unauthenticated')
      return [fail(`${found}: its keys cannot be fetched: ${explain(error)}`), ...clockOf(last)];
  }
  const { keys } = Object(await last?.json().catch(() => undefined));
  const count = Array.isArray(keys) ? keys.length : 0;
  if (count === 0) return [fail(`${found}: there are no keys at ${last?.url}`), ...clockOf(last)];
  return [{ name, status: 'ok', found: `${found}, with ${count} keys` }, ...clockOf(last)];
}

/** It was fetched a moment ago, and is to the second. */
function clockOf(response: Response | undefined): Finding[] {
  const date = Date.parse(response?.headers.get('date') ?? '');
  if (Number.isNaN(date)) return [];
  const ahead = date - Date.now();
  return [describeClock('the sign-in service', Math.abs(ahead) < 1_000 ? 0 : ahead)];
}

function fail(found: string): Finding {
  const remedy =
    'see QUESTLOG_JWT_ISSUER and QUESTLOG_JWT_JWKS_URL, or STACK_PROJECT_ID and STACK_API_URL, and whether it is reachable from here';
  return { name, status: 'fail', found, remedy };
}
