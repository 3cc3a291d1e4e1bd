/** What routers are made of, for routes of your own. */
export { problemHeaders, toProblem, toProblemResponse } from './problem.ts';
export {
  type EventStreamOptions,
  eventStreamHeaders,
  readLastEventId,
  toEventStream,
} from './replies/event-stream.ts';
