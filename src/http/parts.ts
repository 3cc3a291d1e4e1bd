/** What each entry has, whatever its host: runs, sign-in, bounds, and the parts for routes of your own. */
export * from '../run/index.ts';
export type { Authenticate, AuthRequest, User } from './auth/authenticate.ts';
export { createJwtAuth, type JwtAuthOptions } from './auth/jwt.ts';
export { localUser } from './auth/local.ts';
export { createStackAuth, type StackAuthOptions } from './auth/stack.ts';
export type { JwtClaims } from './auth/verifier.ts';
export { BodyMemory, type BodyMemoryOptions } from './body/body-memory.ts';
export { problemHeaders, toProblem, toProblemResponse } from './problem.ts';
export {
  type EventStreamOptions,
  eventStreamHeaders,
  readLastEventId,
  toEventStream,
} from './replies/event-stream.ts';
export { OpenReplies, type OpenRepliesOptions } from './replies/open-replies.ts';
