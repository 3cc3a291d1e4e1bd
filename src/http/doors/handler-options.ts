import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../../database/database.ts';
import { invalidField } from '../../errors.ts';
import type { Runs } from '../../run/runs.ts';
import type { ChatAgent } from '../../run/types.ts';
import type { StreamOptions } from '../replies/event-stream.ts';
import type { RouterOptions } from '../router.ts';

/** What the routes work on, and who may use them. */
export interface HandlerOptions extends RouterOptions, StreamOptions {
  /** Where chats and runs are stored. */
  readonly db: Database;
  /** The runs of the process. Their maker calls `recover` at its start and `close` at its end. */
  readonly runs: Runs;
  /** Each is at `/agents/{its name}`, the first one at `/chat`, too. */
  readonly agents: readonly ChatAgent[];
  /** Where the host has put the handler, such as `/api`: what its paths begin with. Default: nothing. */
  readonly basePath?: string | undefined;
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
  /** Gets one line for each request and failure, such as a `pino`. Default: none. */
  readonly log?: FastifyBaseLogger | undefined;
}

/** What a path can hold, as Fastify's router reads it. */
const PATH = /^(\/[\w.~-]+)*$/;
const UNROUTABLE = /[#$&+,/:;=?@%*\\\p{C}]|^\.{1,2}$/u;

/** @throws QuestlogError `invalid_request` naming the option that is wrong. */
export function checkHandlerOptions({ basePath, agents }: HandlerOptions): void {
  checkPath(basePath);
  checkAgents(agents);
}

function checkPath(basePath = ''): void {
  if (!PATH.test(basePath))
    throw invalidField('basePath', 'must be a path such as /api, without a slash at its end');
}

function checkAgents(agents: readonly ChatAgent[]): void {
  if (agents.length === 0) throw invalidField('agents', 'must have an agent');
  const names = agents.map(({ name }) => name);
  names.forEach((name, index) => {
    if (UNROUTABLE.test(name)) {
      throw invalidField(
        `agents[${index}].name`,
        'cannot stand in a URL: use letters, digits, spaces and hyphens',
      );
    }
    if (names.indexOf(name) < index) throw invalidField(`agents[${index}].name`, 'is that of another agent');
  });
}
