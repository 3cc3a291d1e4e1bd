import { ApiError, errorOf } from './errors.ts';

/** Where the server is and who asks. */
export interface ConnectionOptions {
  /** Default: the origin of the page. */
  readonly baseUrl?: string | undefined;
  /**
   * The access token of the user; null without one. Asked before every request, so keep it at hand.
   *
   * @param refresh the server has refused the last one: get another.
   */
  readonly getToken?: ((options: { readonly refresh: boolean }) => Promise<string | null>) | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

type QueryValue = string | number | boolean | undefined;

/** One request. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From the root of the server, with `/` before it. */
  readonly path: string;
  /** Of a list, each is sent. */
  readonly query?: Readonly<Record<string, QueryValue | readonly QueryValue[]>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of a body. */
  readonly text?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends requests as the user and turns every failure into an `ApiError`. */
export class Connection {
  readonly #baseUrl: string;
  readonly #getToken: NonNullable<ConnectionOptions['getToken']>;
  readonly #fetch: typeof fetch;

  constructor({ baseUrl = '', getToken = async () => null, fetch: send = fetch }: ConnectionOptions) {
    this.#baseUrl = baseUrl.replace(/\/+$/, '');
    this.#getToken = getToken;
    // Browsers refuse to call `fetch` as a method of anything but the window.
    this.#fetch = (...args) => send(...args);
  }

  /**
   * @returns the reply, with a status below 400.
   * @throws ApiError, or the reason of `signal` when it was aborted.
   */
  async send(request: ApiRequest): Promise<Response> {
    const token = await this.#getToken({ refresh: false });
    const response = await this.#attempt(request, token);
    if (response.status !== 401) return accept(response);
    const other = await this.#getToken({ refresh: true });
    if (other === null || other === token) return accept(response);
    return accept(await this.#attempt(request, other));
  }

  /** As `send`, and gives the JSON of the reply. */
  async json<Body>(request: ApiRequest): Promise<Body> {
    const response = await this.send(request);
    try {
      return (await response.json()) as Body;
    } catch (error) {
      request.signal?.throwIfAborted();
      if (error instanceof SyntaxError) {
        throw new ApiError('unexpected_reply', 'the server did not reply with JSON', {
          status: response.status,
        });
      }
      throw lost(error);
    }
  }

  /** As `json`, of what is only read. */
  get<Body>(path: string, query: ApiRequest['query'], signal: AbortSignal | undefined): Promise<Body> {
    return this.json({ method: 'GET', path, query, signal });
  }

  async #attempt({ method, path, query, body, text, headers, signal }: ApiRequest, token: string | null) {
    try {
      return await this.#fetch(this.#baseUrl + path + toQuery(query), {
        method,
        headers: {
          accept: 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(text === undefined ? {} : { body: text }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw lost(error);
    }
  }
}

/** The error for a connection that could not be made, or broke. */
export function lost(cause: unknown): ApiError {
  return new ApiError('network', 'the server cannot be reached', { cause });
}

async function accept(response: Response): Promise<Response> {
  if (response.status >= 400) throw await errorOf(response);
  return response;
}

function toQuery(query: ApiRequest['query'] = {}): string {
  const given = new URLSearchParams();
  for (const [name, values] of Object.entries(query))
    for (const value of [values].flat()) if (value !== undefined) given.append(name, String(value));
  return given.size === 0 ? '' : `?${given}`;
}
