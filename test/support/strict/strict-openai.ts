import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer, listenLocally } from '../local-server.ts';
import { chatDialect } from './chat-dialect.ts';
import { type HttpError, type Reply, type Script, StreamBreak } from './reply.ts';
import type { OpenAiApi } from './request-of.ts';
import { responsesDialect } from './responses-dialect.ts';
import type { ApiItem } from './responses-faults.ts';

const DIALECTS = { responses: responsesDialect, chat_completions: chatDialect };

/** Which API it is, and how much it takes: requests whose JSON has more than four characters a token it refuses. */
export interface StrictOptions {
  readonly api?: OpenAiApi;
  readonly maxTokens?: number;
}

/**
 * OpenAI's API on 127.0.0.1 that refuses what the real one refuses, with 400: `faultOf` and `chatFaultOf` say what. It
 * streams one word at a time, and remembers which reasoning its answers were made with.
 */
export class StrictOpenAi {
  /** The inputs of the requests that it accepted. */
  readonly asked: ApiItem[][] = [];
  /** What it said to those that it did not. */
  readonly refusals: string[] = [];
  script: Script;
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });
  readonly #dialect;
  readonly #maxTokens: number;
  readonly #links = new Map<string, string>();
  #answers = 0;

  constructor(
    script: Script,
    { api = 'responses', maxTokens = Number.POSITIVE_INFINITY }: StrictOptions = {},
  ) {
    this.script = script;
    this.#dialect = DIALECTS[api];
    this.#maxTokens = maxTokens;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async listen(): Promise<void> {
    await listenLocally(this.#server);
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text) as Record<string, unknown>;
    const input = this.#dialect.inputOf(body);
    const refusal = this.#refusalOf(request.url, text, input);
    if (refusal !== undefined) {
      this.refusals.push(refusal.message ?? '');
      return sendError(response, refusal);
    }
    this.asked.push(input);
    const reply = this.script(input);
    if (reply.error !== undefined) return sendError(response, reply.error);
    this.#answers += 1;
    this.#remember(reply);
    if (body.stream === true) return this.#stream(reply, response);
    if (reply.hangAfter !== undefined) await (reply.until ?? new Promise(() => undefined));
    if (reply.breaks !== undefined) return void response.destroy();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(this.#dialect.whole(reply, this.#answers)));
  }

  #refusalOf(path: string | undefined, text: string, input: readonly ApiItem[]): HttpError | undefined {
    if (path !== this.#dialect.path) return { status: 404, message: `Invalid URL (POST ${path})` };
    if (text.length > 4 * this.#maxTokens) {
      const message = this.#dialect.tooLong(this.#maxTokens);
      return { status: 400, code: 'context_length_exceeded', message };
    }
    const message = this.#dialect.faultOf(input, this.#links);
    return message === undefined ? undefined : { status: 400, message };
  }

  /** All of an answer was made with the reasoning before it. */
  #remember(reply: Reply): void {
    let thought: string | undefined;
    for (const { type, id } of this.#dialect.outputOf(reply, this.#answers)) {
      if (type === 'reasoning') thought = id;
      else if (id !== undefined && thought !== undefined) this.#links.set(id, thought);
    }
  }

  async #stream(reply: Reply, response: ServerResponse): Promise<void> {
    const send = (event: object) => response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    try {
      for await (const event of this.#dialect.stream(reply, this.#answers)) {
        if (response.destroyed) return;
        send(event);
      }
      response.end(this.#dialect.last);
    } catch (error) {
      if (!(error instanceof StreamBreak)) throw error;
      // What is written before must arrive, which a reset of TCP does not wait for.
      if (reply.breaks?.how === 'reset') return void response.write(':\n\n', () => response.destroy());
      if (reply.breaks?.how === 'error') send(this.#dialect.errorEvent('The server had an error.'));
      response.end();
    }
  }
}

function sendError(response: ServerResponse, { status, code, message, headers }: HttpError): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-should-retry': 'false', ...headers });
  const error = { message: message ?? 'as the test wanted', type: 'invalid_request_error', param: null };
  response.end(JSON.stringify({ error: { ...error, code: code ?? null } }));
}

/** Starts a stand-in; the caller closes it. */
export async function startStrictOpenAi(script: Script, options: StrictOptions = {}): Promise<StrictOpenAi> {
  const server = new StrictOpenAi(script, options);
  await server.listen();
  return server;
}
