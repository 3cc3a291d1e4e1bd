import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer, listenLocally } from '../support/local-server.ts';

/** One request that the stub got. */
export interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How the stub answers: well, with a failure that may be tried again, or never. */
export type Behaviour = 'answer' | 'fail' | 'hang';

/** A server on 127.0.0.1 that speaks enough of OpenAI's two APIs to answer “Well met, hero!”. */
export async function startOpenAiStub() {
  const seen: SeenRequest[] = [];
  const state: { behaviour: Behaviour } = { behaviour: 'answer' };
  const server = createServer((request, response) => {
    void readJson(request).then((body) => {
      const path = request.url ?? '';
      seen.push({ path, authorization: request.headers.authorization, body });
      if (state.behaviour === 'answer') answer(path, body.stream === true, response);
      if (state.behaviour === 'fail') {
        response.writeHead(503, { 'retry-after-ms': '1', 'content-type': 'application/json' });
        response.end('{"error":{"message":"overloaded"}}');
      }
    });
  });
  const port = await listenLocally(server);
  const close = () => closeServer(server);
  return { baseUrl: `http://127.0.0.1:${port}/v1`, seen, state, close };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

function answer(path: string, stream: boolean, response: ServerResponse): void {
  const responses = path.endsWith('/responses');
  if (!stream) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(responses ? RESPONSE : COMPLETION));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of responses ? responseEvents() : completionChunks()) {
    response.write(`data: ${JSON.stringify(event)}\n\n`);
  }
  response.end(responses ? '' : 'data: [DONE]\n\n');
}

const WORDS = ['Well ', 'met, ', 'hero!'];
const TEXT = WORDS.join('');

const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  model: 'stub',
  status: 'completed',
  output: [
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: TEXT, annotations: [] }],
    },
  ],
  usage: {
    input_tokens: 7,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 3,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 10,
  },
};

const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const COMPLETION = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'stub',
  choices: [
    { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: TEXT, refusal: null } },
  ],
  usage: USAGE,
};

function responseEvents(): object[] {
  const started = { ...RESPONSE, status: 'in_progress', output: [], usage: null };
  const deltas = WORDS.map((delta) => ({
    type: 'response.output_text.delta',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta,
  }));
  const events = [
    { type: 'response.created', response: started },
    ...deltas,
    { type: 'response.completed', response: RESPONSE },
  ];
  return events.map((event, index) => ({ ...event, sequence_number: index }));
}

function completionChunks(): object[] {
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'stub' };
  const choice = (delta: object, reason: string | null = null) => ({
    ...chunk,
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  return [
    choice({ role: 'assistant', content: '' }),
    ...WORDS.map((content) => choice({ content })),
    choice({}, 'stop'),
    { ...chunk, choices: [], usage: USAGE },
  ];
}
