import type { AgentListResponse } from '../wire/agents.ts';
import type { AlternativeListResponse } from '../wire/alternatives.ts';
import type { AgentInfo, AgentRequest, AgentResponse } from '../wire/chat.ts';
import type {
  ChatCreate,
  ChatListResponse,
  ChatResponse,
  ChatUpdate,
  ItemPageResponse,
} from '../wire/chats.ts';
import type { ApprovalDecision, RunListResponse, RunResponse } from '../wire/runs.ts';
import type { SearchResponse } from '../wire/search/search.ts';
import type {
  CallOptions,
  ListAlternativesOptions,
  ListChatsOptions,
  ListItemsOptions,
  RangeOptions,
  RateItemOptions,
  RunOptions,
  SearchChatsOptions,
} from './call-options.ts';
import { type ApiRequest, Connection, type ConnectionOptions } from './connection.ts';
import { type LiveOptions, type LiveSubscription, subscribe } from './live.ts';
import { beginRun } from './runs/begin-run.ts';
import { type FollowOptions, followRun, type NumberedEvent } from './runs/follow.ts';
import { UserData } from './user-data.ts';

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
export class QuestlogClient {
  /** All that the server has of the user: to take along, to remove, and for how long. */
  readonly user: UserData;
  readonly #options: ClientOptions;
  readonly #connection: Connection;
  readonly #agent: string;

  constructor(options: ClientOptions = {}) {
    this.#options = options;
    this.#connection = new Connection(options);
    this.user = new UserData(this.#connection);
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

  /** A page of the user's chats, newest activity first. */
  listChats({ limit, cursor, query, state, signal }: ListChatsOptions = {}): Promise<ChatListResponse> {
    const which = {
      active_only: state === 'all' ? false : undefined,
      deleted_only: state === 'deleted' || undefined,
    };
    return this.#get('/chats', { limit, cursor, q: query || undefined, ...which }, signal);
  }

  /** Finds titles of the user's chats, and what was said in them; the last word may go on. */
  searchChats(
    query: string,
    { limit, cursor, tools, signal }: SearchChatsOptions = {},
  ): Promise<SearchResponse> {
    return this.#get('/chats/search', { q: query, limit, cursor, tools: tools || undefined }, signal);
  }

  /** Makes a chat, with its first items if there are any. */
  createChat(chat: ChatCreate = {}, { signal }: CallOptions = {}): Promise<ChatResponse> {
    return this.#connection.json({ method: 'POST', path: '/chats', body: chat, signal });
  }

  /** A chat with its conversation. */
  getChat(chatId: string, { signal }: CallOptions = {}): Promise<ChatResponse> {
    return this.#get(pathOf('chats', chatId), {}, signal);
  }

  /** Changes what is given: the title, or the whole conversation. */
  updateChat(chatId: string, changes: ChatUpdate, { signal }: CallOptions = {}): Promise<ChatResponse> {
    return this.#connection.json({ method: 'PUT', path: pathOf('chats', chatId), body: changes, signal });
  }

  /** Softly: `restoreChat` takes it back. With `permanent` it is gone for good. */
  async deleteChat(
    chatId: string,
    { permanent, signal }: CallOptions & { readonly permanent?: boolean } = {},
  ): Promise<void> {
    const query = { permanent: permanent || undefined };
    await this.#connection.send({ method: 'DELETE', path: pathOf('chats', chatId), query, signal });
  }

  /** Takes a soft delete back. */
  restoreChat(chatId: string, { signal }: CallOptions = {}): Promise<ChatResponse> {
    return this.#connection.json({ method: 'POST', path: `${pathOf('chats', chatId)}/restore`, signal });
  }

  /**
   * A page of a chat's items, oldest first: the newest, those just before a position, or those just after one. It may have
   * fewer than `limit` though there are more (`has_more`): it ends at a megabyte.
   */
  listItems(chatId: string, options: ListItemsOptions = {}): Promise<ItemPageResponse> {
    const { before, after, limit, alternative, includeDeleted, signal } = options;
    const query = { before, after, limit, alternative, active_only: includeDeleted ? false : undefined };
    return this.#get(`${pathOf('chats', chatId)}/items`, query, signal);
  }

  /** Takes the items at positions `from` to `to` out of the history. They stay in the archive. */
  async deleteItems(chatId: string, { from, to, signal }: RangeOptions): Promise<void> {
    const path = `${pathOf('chats', chatId)}/items`;
    await this.#connection.send({ method: 'DELETE', path, query: { from, to }, signal });
  }

  /**
   * Sets all items from position `from` on aside: what is written next is an alternative to them. Safe to repeat: it does
   * nothing when none at positions `from` to `to` is in the history.
   */
  async setAside(chatId: string, { from, to, signal }: RangeOptions): Promise<void> {
    const path = `${pathOf('chats', chatId)}/alternatives`;
    await this.#connection.send({ method: 'POST', path, body: { from, to }, signal });
  }

  /** The alternatives at the points of the history, oldest first. */
  listAlternatives(
    chatId: string,
    { after, limit, signal }: ListAlternativesOptions = {},
  ): Promise<AlternativeListResponse> {
    return this.#get(`${pathOf('chats', chatId)}/alternatives`, { after, limit }, signal);
  }

  /** Makes an alternative the end of the history, at new positions; what stands there is set aside. */
  async selectAlternative(
    chatId: string,
    alternativeId: number,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const path = `${pathOf('chats', chatId)}/alternatives/${alternativeId}/select`;
    await this.#connection.send({ method: 'POST', path, signal });
  }

  /** Stores what the person thinks of the item at a position; a rating of null takes it back. */
  async rateItem(chatId: string, { position, signal, ...feedback }: RateItemOptions): Promise<void> {
    const path = `${pathOf('chats', chatId)}/items/${position}/feedback`;
    await this.#connection.send({ method: 'PUT', path, body: feedback, signal });
  }

  /** The newest runs of a chat, and what all of them used. */
  listRuns(chatId: string, { signal }: CallOptions = {}): Promise<RunListResponse> {
    return this.#get(`${pathOf('chats', chatId)}/runs`, {}, signal);
  }

  /** The state of a run, and what it gave. */
  getRun(runId: string, { signal }: CallOptions = {}): Promise<RunResponse> {
    return this.#get(pathOf('runs', runId), {}, signal);
  }

  /** Stops a run. What it has so far stays. */
  cancelRun(runId: string, { signal }: CallOptions = {}): Promise<RunResponse> {
    return this.#connection.json({ method: 'POST', path: `${pathOf('runs', runId)}/cancel`, signal });
  }

  /** Decides the pending calls of a run and lets it go on; follow it with `followRun`. */
  decideCalls(
    runId: string,
    decisions: readonly ApprovalDecision[],
    { signal }: CallOptions = {},
  ): Promise<RunResponse> {
    const path = `${pathOf('runs', runId)}/approvals`;
    return this.#connection.json({ method: 'POST', path, body: { decisions }, signal });
  }

  /** The agents of the server; each is at its `path`. */
  listAgents({ signal }: CallOptions = {}): Promise<AgentListResponse> {
    return this.#get('/agents', {}, signal);
  }

  /** The agent: its name, model and tools. */
  getInfo({ signal }: CallOptions = {}): Promise<AgentInfo> {
    return this.#get(`${this.#agent}/info`, {}, signal);
  }

  /** Runs the agent and waits for its answer. */
  run(request: AgentRequest, options: RunOptions = {}): Promise<AgentResponse> {
    return this.#begin('run', request, options, (sent) => this.#connection.json<AgentResponse>(sent));
  }

  /** Begins a run, or joins the one that the same key began, and follows it. */
  async stream(
    request: AgentRequest,
    options: RunOptions & Pick<FollowOptions, 'onConnection'> = {},
  ): Promise<RunStream> {
    const response = await this.#begin('stream', request, options, (sent) => this.#connection.send(sent));
    const runId = response.headers.get('x-run-id') ?? '';
    const chatId = response.headers.get('x-session-id');
    return {
      runId,
      chatId: chatId === null ? null : decodeURIComponent(chatId),
      events: followRun(this.#connection, runId, options, response),
    };
  }

  /** The events of any run of the user, those to come included, until it ends or pauses. */
  followRun(runId: string, options: FollowOptions = {}): AsyncIterable<NumberedEvent> {
    return followRun(this.#connection, runId, options);
  }

  #begin<Reply>(
    verb: 'run' | 'stream',
    body: AgentRequest,
    options: RunOptions,
    send: (request: ApiRequest) => Promise<Reply>,
  ): Promise<Reply> {
    return beginRun(verb, body, { ...options, agent: options.agent ?? this.#agent }, send);
  }

  #get<Body>(path: string, query: ApiRequest['query'], signal: AbortSignal | undefined): Promise<Body> {
    return this.#connection.json({ method: 'GET', path, query, signal });
  }
}

function pathOf(folder: 'chats' | 'runs', id: string): string {
  return `/${folder}/${encodeURIComponent(id)}`;
}
