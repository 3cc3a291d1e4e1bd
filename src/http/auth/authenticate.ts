import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { QuestlogError } from '../../errors.ts';
import { assertId } from '../../ids.ts';

/** What an `Authenticate` function may look at. A Fastify request and a Node request both fit. */
export interface AuthRequest {
  /** By their names in small letters. */
  readonly headers: IncomingHttpHeaders;
}

/** Who sent a request. */
export interface User {
  /** The id that every chat of this user is stored under. */
  readonly userId: string;
  /** When the proof of who it is ends, in seconds since the epoch. A stream must not stay open longer. */
  readonly expiresAt?: number;
}

/**
 * Tells who sent a request. Pass your own to put Questlog behind any sign-in.
 *
 * @throws QuestlogError `unauthenticated` (401) when the request does not prove who sent it,
 * `auth_unavailable` (503) when that cannot be checked at the moment.
 */
export type Authenticate = (request: AuthRequest) => Promise<User> | User;

/** How a router knows who asks. */
export interface SignInOptions {
  readonly authenticate: Authenticate;
  /**
   * Called for each request, and each token of a live socket, that `authenticate` refuses as `unauthenticated`. What it
   * throws is answered instead: `rate_limited`, for an address that tries too often. Default: nothing.
   */
  readonly onUnauthenticated?: ((request: FastifyRequest) => Promise<void> | void) | undefined;
}

/**
 * Who sent a request.
 *
 * @param asked what `authenticate` gets to see of it, when the token is elsewhere. Default: the request.
 * @throws QuestlogError what `authenticate` throws, or `onUnauthenticated`; `internal` when it returned no user.
 */
export async function signIn(
  request: FastifyRequest,
  { authenticate, onUnauthenticated }: SignInOptions,
  asked: AuthRequest = request,
): Promise<User> {
  try {
    return checkUser(await authenticate(asked));
  } catch (error) {
    if (isUnauthenticated(error)) await onUnauthenticated?.(request);
    throw error;
  }
}

/** Whether an error says that a request does not prove who sent it. */
export function isUnauthenticated(error: unknown): boolean {
  return error instanceof QuestlogError && error.code === 'unauthenticated';
}

/**
 * Passes on what an `Authenticate` function returned, if it is a user. Anything else (nothing, an empty id,
 * an id that PostgreSQL could mistake for another) is a mistake in that function, not in the request.
 *
 * @throws QuestlogError `internal` (500).
 */
export function checkUser(user: User): User {
  try {
    assertId('userId', user?.userId);
  } catch (cause) {
    throw new QuestlogError('internal', 'authenticate() must return { userId } or throw', { cause });
  }
  if (user.expiresAt !== undefined && !Number.isFinite(user.expiresAt)) {
    throw new QuestlogError('internal', 'authenticate() must return expiresAt in seconds since the epoch');
  }
  return user;
}

/** The error for a sign-in service that does not answer: 503, because a 401 would sign everybody out. */
export function authUnavailable(cause: unknown): QuestlogError {
  return new QuestlogError('auth_unavailable', 'Sign-in cannot be checked now: try again later', { cause });
}
