import type { FastifyBaseLogger } from 'fastify';
import { type Database, mustBeDatabase } from '../../database/database.ts';
import {
  type Check,
  type Checks,
  has,
  isAmount,
  isAnything,
  isFunction,
  isMatch,
  optional,
} from '../../options.ts';
import { isRuns } from '../../run/run-options.ts';
import type { Runs } from '../../run/runs.ts';
import type { ChatAgent } from '../../run/types.ts';
import type { SearchSettings } from '../../search/search-settings.ts';
import type { DescribedAgent } from '../agents/read-agents.ts';
import type { StreamOptions } from '../replies/event-stream.ts';
import type { RouterOptions } from '../router.ts';

/** What the routes work on, and who may use them. */
export interface HandlerOptions extends RouterOptions, StreamOptions {
  /** Where chats and runs are stored. */
  readonly db: Database;
  /** The runs of the process. Their maker calls `recover` at its start and `close` at its end. */
  readonly runs: Runs;
  /** Each is at `/agents/` and its name in small Latin letters and digits, the first one at `/chat`, too. */
  readonly agents: readonly (ChatAgent | DescribedAgent)[];
  /** Where the host has put the handler, such as `/api`: what its paths begin with. Default: nothing. */
  readonly basePath?: string | undefined;
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
  /** How searches find; give the `SearchIndexer` the same. */
  readonly search?: SearchSettings | undefined;
  /** Gets one line for each request and failure, such as a `pino`. Default: the console gets the failures. */
  readonly log?: FastifyBaseLogger | undefined;
}

const isAgents: Check = (value) =>
  Array.isArray(value) && value.length > 0 ? undefined : 'must be a list of agents';

/** What a handler of any host takes. */
export const HANDLER_OPTIONS: Checks<HandlerOptions> = {
  db: mustBeDatabase,
  runs: isRuns,
  agents: isAgents,
  authenticate: isFunction,
  onUnauthenticated: optional(isFunction),
  basePath: optional(isMatch(/^(\/[\w.~-]+)*$/, 'must be a path such as /api, without a slash at its end')),
  bodyLimit: optional(isAmount),
  maxItems: optional(isAmount),
  maxItemBytes: optional(isAmount),
  search: isAnything,
  heartbeatMs: optional(isAmount),
  bodyMemory: optional(has('a BodyMemory')),
  replies: optional(has('an OpenReplies', 'add')),
  log: optional(has('a pino, or have its methods', 'info', 'error', 'child')),
};
