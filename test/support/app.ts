import { Readable } from 'node:stream';
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { onTestFinished, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { describeError } from '../../src/describe-error.ts';
import { QuestlogError } from '../../src/errors.ts';
import { readAgents } from '../../src/http/agents/read-agents.ts';
import type { Authenticate } from '../../src/http/auth/authenticate.ts';
import { type AgentRouterOptions, createAgentRouter } from '../../src/http/routes/chat.ts';
import { chatStorageRouter } from '../../src/http/routes/chats/chats.ts';
import { type ChosenModel, createModel } from '../../src/models/model.ts';
import type { ChatAgent } from '../../src/run/types.ts';
import { exampleAgents } from '../../src/server/agents/example.ts';
import { buildApp } from '../../src/server/app.ts';
import { readConfig } from '../../src/server/config.ts';
import { DATABASES, newUser } from './databases.ts';
import { throughDoor } from './doors.ts';

/** Users say who they are in a header: signing in has its own tests. */
export const byHeader: Authenticate = ({ headers }) => {
  const userId = headers['x-test-user'];
  if (typeof userId !== 'string') throw new QuestlogError('unauthenticated', 'sign in first');
  return { userId };
};

export interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly authenticate?: Authenticate;
  /** Default: the offline model. */
  readonly model?: ChosenModel;
  /** What a module of agents exports. Default: the example is served. */
  readonly agents?: unknown;
  /** Gets every line of the log, at level trace. */
  readonly onLog?: (line: string) => void;
}

/** The ready server, as `npm start` builds it, closed when the test ends. */
export async function serverOn(db: Database, options: ServerOptions = {}): Promise<FastifyInstance> {
  const model = options.model ?? (await createModel({}));
  const app = await buildApp({
    config: readConfig(options.env ?? {}),
    db,
    authenticate: options.authenticate ?? byHeader,
    model,
    agents:
      options.agents === undefined ? exampleAgents({ db, model: model.model }) : readAgents(options.agents),
    log: createLog(options.onLog),
  });
  onTestFinished(() => app.close());
  return throughDoor(app);
}

/** What a test on a ready server gets. */
export interface ServerTest {
  readonly db: Database;
  readonly app: FastifyInstance;
  /** A user that no other test knows, and who asks as this user. */
  readonly user: string;
  readonly ask: Ask;
}

/** A test that runs on the ready server once with each database. */
export function onEachDatabase(title: string, work: (context: ServerTest) => Promise<void>): void {
  test.each(DATABASES)(`${title} ($name)`, async ({ open }) => {
    const db = await open();
    const app = await serverOn(db);
    const user = newUser();
    await work({ db, app, user, ask: asUser(app, user) });
  });
}

/** What a test of agents gets. */
export interface AgentTest {
  readonly db: Database;
  readonly user: string;
  /** Serves agents beside the chats, the first at `/chat` unless it says where, and gives who asks them. */
  talkTo(...agents: readonly (ChatAgent | Mounted)[]): Promise<Ask>;
}

/** A test of agents that runs once with each database. */
export function agentTest(title: string, work: (context: AgentTest) => Promise<void>): void {
  test.each(DATABASES)(`${title} ($name)`, async ({ open }) => {
    const db = await open();
    const user = newUser();
    await work({
      db,
      user,
      talkTo: async (...agents) => asUser(await appWith(db, ...agents.map(toMounted)), user),
    });
  });
}

function toMounted(agent: ChatAgent | Mounted): Mounted {
  return 'agent' in agent ? agent : { agent };
}

export type Mounted = Omit<AgentRouterOptions, 'db' | 'authenticate'>;

/** An embedder's app with both routers and any agents, closed when the test ends. */
export async function appWith(db: Database, ...agents: readonly Mounted[]): Promise<FastifyInstance> {
  const app = Fastify({ forceCloseConnections: true, pluginTimeout: 0 });
  await app.register(chatStorageRouter, { prefix: '/chats', db, authenticate: byHeader });
  for (const agent of agents) {
    await app.register(createAgentRouter({ db, authenticate: byHeader, shutdownMs: 0, ...agent }));
  }
  onTestFinished(() => app.close());
  return throughDoor(app);
}

function createLog(onLog: ServerOptions['onLog']) {
  if (onLog === undefined) return pino({ level: 'silent' });
  return pino({ level: 'trace', base: null, serializers: { err: describeError } }, { write: onLog });
}

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'PATCH';

/** Sends a request as one user: an object as JSON; a string, bytes and a stream as they are. */
export type Ask = (
  method: Method,
  url: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<LightMyRequestResponse>;

export function asUser(app: FastifyInstance, userId: string): Ask {
  return withHeaders(app, { 'x-test-user': userId });
}

/** Who says in these headers who it is. */
export function withHeaders(app: FastifyInstance, own: Readonly<Record<string, string>>): Ask {
  return (method, url, body, headers = {}) =>
    app.inject({
      method,
      url,
      headers: {
        ...own,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: toPayload(body) }),
    });
}

function toPayload(body: unknown): string | Buffer | Readable {
  const raw = typeof body === 'string' || Buffer.isBuffer(body) || body instanceof Readable;
  return raw ? body : JSON.stringify(body);
}
