import type { AgentListResponse } from '../wire/agents.ts';
import type { AgentInfo, AgentRequest, AgentResponse } from '../wire/chat.ts';
import type { ApprovalDecision, RunListResponse, RunResponse } from '../wire/runs.ts';
import type { CallOptions, RunOptions } from './call-options.ts';
import { CarryClient } from './carry/carry-client.ts';
import { type ApiRequest, Connection, type ConnectionOptions } from './connection.ts';
import { type LiveOptions, type LiveSubscription, subscribe } from './live.ts';
import { beginRun } from './runs/begin-run.ts';
import { type FollowOptions, followRun, type NumberedEvent } from './runs/follow.ts';
import { UserData } from './users/user-data.ts';
import { UserUsage } from './users/user-usage.ts';

/** How a client reaches its server. */
export interface ClientOptions extends ConnectionOptions {
  /** Where the agent is. Default: `/chat`. */
  readonly agent?: string | undefined;
}

/** A run that has begun, and its events as they come. */
export interface RunStream {
  /** For `getRun`, `cancel` and the like. */
  readonly runId: string;
  /** Null for a run without memory. */
  readonly chatId: string | null;
  /** Read it once. Leaving it does not stop the run. */
  readonly events: AsyncIterable<NumberedEvent>;
}

/**
 * A Questlog server, for browsers and Node 20. Every failure is an `ApiError`; streams go on after the connection broke.
 *
 * @example
 * const client = new QuestlogClient({ baseUrl: 'http://127.0.0.1:8000' });
 * const { events } = await client.stream({ input: 'Roll 2d6', session_id: 'my-first-quest' });
 * for await (const { event } of events) if (event.type === 'raw_response') process.stdout.write(event.delta);
 */
export class QuestlogClient extends CarryClient {
  /** All that the server has of the user: to take along, to remove, and for how long. */
  readonly user: UserData;
  /** What the user has used of models. */
  readonly usage: UserUsage;
  readonly #options: ClientOptions;
  readonly #agent: string;

  constructor(options: ClientOptions = {}) {
    super(new Connection(options));
    this.#options = options;
    this.user = new UserData(this.connection);
    this.usage = new UserUsage(this.connection);
    this.#agent = options.agent ?? '/chat';
  }

  /** Watches the user's chats: signals of what changes, on any process, until it is closed. */
  subscribe(options: Omit<LiveOptions, 'url' | 'getToken'> = {}): LiveSubscription {
    const { baseUrl, getToken } = this.#options;
    const { location } = globalThis as { readonly location?: { readonly origin: string } };
    const url = baseUrl || (location?.origin ?? '');
    const token = getToken && (() => getToken({ refresh: false }));
    return subscribe({ ...options, url, ...(token === undefined ? {} : { getToken: token }) });
  }

  /** The newest runs of a chat, and what all of them used. */
  listRuns(chatId: string, { signal }: CallOptions = {}): Promise<RunListResponse> {
    return this.connection.get(`${pathOf('chats', chatId)}/runs`, {}, signal);
  }

  /** The state of a run, and what it gave. */
  getRun(runId: string, { signal }: CallOptions = {}): Promise<RunResponse> {
    return this.connection.get(pathOf('runs', runId), {}, signal);
  }

  /** Stops a run. What it has so far stays. */
  cancelRun(runId: string, { signal }: CallOptions = {}): Promise<RunResponse> {
    return this.connection.json({ method: 'POST', path: `${pathOf('runs', runId)}/cancel`, signal });
  }

  /** Decides the pending calls of a run and lets it go on; follow it with `followRun`. */
  decideCalls(
    runId: string,
    decisions: readonly ApprovalDecision[],
    { signal }: CallOptions = {},
  ): Promise<RunResponse> {
    const path = `${pathOf('runs', runId)}/approvals`;
    return this.connection.json({ method: 'POST', path, body: { decisions }, signal });
  }

  /** The agents of the server; each is at its `path`. */
  listAgents({ signal }: CallOptions = {}): Promise<AgentListResponse> {
    return this.connection.get('/agents', {}, signal);
  }

  /** The agent: its name, model and tools. */
  getInfo({ signal }: CallOptions = {}): Promise<AgentInfo> {
    return this.connection.get(`${this.#agent}/info`, {}, signal);
  }

  /** Runs the agent and waits for its answer. */
  run(request: AgentRequest, options: RunOptions = {}): Promise<AgentResponse> {
    return this.#begin('run', request, options, (sent) => this.connection.json<AgentResponse>(sent));
  }

  /** Begins a run, or joins the one that the same key began, and follows it. */
  async stream(
    request: AgentRequest,
    options: RunOptions & Pick<FollowOptions, 'onConnection'> = {},
  ): Promise<RunStream> {
    const response = await this.#begin('stream', request, options, (sent) => this.connection.send(sent));
    const runId = response.headers.get('x-run-id') ?? '';
    const chatId = response.headers.get('x-session-id');
    return {
      runId,
      chatId: chatId === null ? null : decodeURIComponent(chatId),
      events: followRun(this.connection, runId, options, response),
    };
  }

  /** The events of any run of the user, those to come included, until it ends or pauses. */
  followRun(runId: string, options: FollowOptions = {}): AsyncIterable<NumberedEvent> {
    return followRun(this.connection, runId, options);
  }

  #begin<Reply>(
    verb: 'run' | 'stream',
    body: AgentRequest,
    options: RunOptions,
    send: (request: ApiRequest) => Promise<Reply>,
  ): Promise<Reply> {
    return beginRun(verb, body, { ...options, agent: options.agent ?? this.#agent }, send);
  }
}

function pathOf(folder: 'chats' | 'runs', id: string): string {
  return `/${folder}/${encodeURIComponent(id)}`;
}
