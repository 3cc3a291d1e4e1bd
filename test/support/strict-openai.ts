import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeServer, listenLocally } from './local-server.ts';

/** An item of a request's `input`, as the Responses API takes it. */
export interface ApiItem {
  readonly type?: string;
  readonly role?: string;
  readonly id?: string;
  readonly call_id?: string;
  readonly name?: string;
  readonly output?: unknown;
  readonly status?: string;
  readonly content?: unknown;
}

/** What the stand-in answers: its parts in this order, all optional. */
export interface Reply {
  readonly reasoning?: string;
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly args: object; readonly id?: string }[];
  /** Milliseconds between two pieces. */
  readonly pace?: number;
  /** Waits after so many words of `text`, for `until` or for ever. */
  readonly hangAfter?: number;
  readonly until?: Promise<void>;
  /** Answers with this status instead. */
  readonly status?: number;
}

/** Decides what the model says to an input. */
export type Script = (input: readonly ApiItem[]) => Reply;

/**
 * OpenAI's Responses API on 127.0.0.1 that refuses what the real one refuses: with 400, a call without its output, an
 * output without its call, either of them twice, reasoning without what followed it. It streams one word at a time.
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
  #answers = 0;

  constructor(script: Script) {
    this.script = script;
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
    const body = JSON.parse(text) as { input: string | ApiItem[]; stream?: boolean };
    const input: ApiItem[] =
      typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input;
    const fault = faultOf(input);
    if (fault !== undefined) {
      this.refusals.push(fault);
      return refuse(response, 400, fault);
    }
    this.asked.push(input);
    const reply = this.script(input);
    if (reply.status !== undefined) return refuse(response, reply.status, 'as the test wanted');
    this.#answers += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for await (const event of eventsOf(reply, this.#answers)) {
      if (response.destroyed) return;
      response.write(`data: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-should-retry': 'false' });
  response.end(JSON.stringify({ error: { message, type: 'invalid_request_error', code: null } }));
}

/** Starts a stand-in; the caller closes it. */
export async function startStrictOpenAi(script: Script): Promise<StrictOpenAi> {
  const server = new StrictOpenAi(script);
  await server.listen();
  return server;
}

/** What the real API finds wrong with an input; undefined when nothing is. */
export function faultOf(input: readonly ApiItem[]): string | undefined {
  const open = new Set<string>();
  const seen = new Set<string>();
  for (const [index, item] of input.entries()) {
    const id = item.call_id ?? '';
    if (item.type === 'function_call') {
      if (seen.has(id)) return `Duplicate function call ${id}.`;
      seen.add(id);
      open.add(id);
    } else if (item.type === 'function_call_output') {
      if (!open.delete(id)) return `No tool call found for function call output with call_id ${id}.`;
    } else if (item.type === 'reasoning' && !follows(input, index)) {
      return `Item '${item.id}' of type 'reasoning' was provided without its required following item.`;
    }
  }
  const [left] = open;
  return left === undefined ? undefined : `No tool output found for function call ${left}.`;
}

function follows(input: readonly ApiItem[], index: number): boolean {
  const next = input.slice(index + 1).find(({ type }) => type !== 'reasoning');
  return next?.type === 'function_call' || next?.role === 'assistant';
}

async function* eventsOf(reply: Reply, number: number): AsyncGenerator<object> {
  const { pace = 0 } = reply;
  const id = `resp_${number}`;
  const response = { id, object: 'response', created_at: 1, model: 'strict', output: [], usage: null };
  yield { type: 'response.created', response: { ...response, status: 'in_progress' } };
  const output = outputOf(reply, number);
  for (const [index, item] of output.entries()) {
    yield { type: 'response.output_item.added', output_index: index, item };
    if (item.type === 'message') {
      const words = String(reply.text).split(/(?<= )/);
      for (const [place, delta] of words.entries()) {
        if (place === reply.hangAfter) await (reply.until ?? new Promise(() => undefined));
        if (pace > 0) await sleep(pace);
        yield {
          type: 'response.output_text.delta',
          item_id: item.id,
          output_index: index,
          content_index: 0,
          delta,
        };
      }
    }
    if (pace > 0) await sleep(pace);
    yield { type: 'response.output_item.done', output_index: index, item };
  }
  const usage = {
    input_tokens: 7,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 3,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 10,
  };
  yield { type: 'response.completed', response: { ...response, status: 'completed', output, usage } };
}

function outputOf({ reasoning, text, calls = [] }: Reply, number: number) {
  const thought = {
    id: `rs_${number}`,
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: reasoning }],
  };
  const content = [{ type: 'output_text', text, annotations: [] }];
  return [
    ...(reasoning === undefined ? [] : [thought]),
    ...(text === undefined
      ? []
      : [{ id: `msg_${number}`, type: 'message', role: 'assistant', status: 'completed', content }]),
    ...calls.map(({ name, args, id }, index) => ({
      id: `fc_${number}_${index}`,
      type: 'function_call',
      status: 'completed',
      call_id: id ?? `call_${number}_${index}`,
      name,
      arguments: JSON.stringify(args),
    })),
  ];
}
