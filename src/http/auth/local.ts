import { QuestlogError } from '../../errors.ts';
import { type Authenticate, checkUser } from './authenticate.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** Whether a host name or address (an IPv6 one with or without brackets) is this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * Takes every request for the same user. For a server that only its owner can reach: it asks for no proof. A page
 * elsewhere that lets its own name point to this machine (DNS rebinding) is refused by the `Host` that it sends.
 *
 * @throws QuestlogError `internal` when `userId` cannot be an id.
 */
export function localUser(userId = 'local'): Authenticate {
  const user = checkUser({ userId });
  return ({ headers }) => {
    const host = (headers.host ?? '').replace(/:\d+$/, '');
    if (isLoopback(host)) return user;
    throw new QuestlogError('unauthenticated', 'without sign-in, only http://localhost is served');
  };
}
