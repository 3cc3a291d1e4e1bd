import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { QuestlogError } from '../../errors.ts';

const WINDOW_MS = 60_000;

/** Counts a request. @throws QuestlogError `rate_limited` from the first one too many. */
export type RateLimit = (request: FastifyRequest) => Promise<void>;

/** The limits of what no user has asked, by address. Each has a count of its own. */
export interface AddressLimits {
  readonly limitUnauthenticated: RateLimit;
  /** For what is not there. */
  readonly limitUnknown: RateLimit;
}

/**
 * Limits each user to `max` requests a minute, and each address to so many for what needs no user. Nobody is refused for
 * what others do at the same address. Each limit remembers the last 5,000 users or addresses.
 *
 * @returns the limits that their callers have to apply.
 */
export async function limitRates(app: FastifyInstance, max: number): Promise<AddressLimits> {
  await app.register(rateLimit, {
    max,
    timeWindow: WINDOW_MS,
    // After authentication, so that it counts users and not the address of their office.
    hook: 'preParsing',
    keyGenerator: (request) => request.questlogUser?.userId ?? addressOf(request),
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
  });
  return { limitUnauthenticated: limitByAddress(app), limitUnknown: limitByAddress(app) };
}

function limitByAddress(app: FastifyInstance): RateLimit {
  const count = app.createRateLimit({ keyGenerator: addressOf });
  return async (request) => {
    const counted = await count(request);
    if (!counted.isAllowed && counted.isExceeded) throw tooMany(counted.ttl);
  };
}

/** Of IPv6 the network: everybody who has one address has 2^64. A connection that is gone has none. */
function addressOf({ ip }: Pick<FastifyRequest, 'ip'>): string {
  return normalizeIP(ip ?? '');
}

function tooMany(ttlMs: number): QuestlogError {
  const seconds = Math.ceil(ttlMs / 1_000);
  return new QuestlogError('rate_limited', `too many requests: wait ${seconds} seconds`, {
    details: { retry_after: seconds },
  });
}
