import { Readable } from 'node:stream';
import type { Agent, Runner } from '@openai/agents-core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type pg from 'pg';
import { newId } from '../src/ids.ts';

export interface BareOptions {
  readonly pool: pg.Pool;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the agent's context and output are.
  readonly agent: Agent<any, any>;
  readonly runner: Runner;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const COLUMNS = 'chat_id, user_id, title, is_active, created_at, updated_at';

/** What Fastify and the `pg` driver do alone: the same bytes from memory, the same single query, the same run unstored. */
export function routeBare(app: FastifyInstance, { pool, agent, runner }: BareOptions): void {
  const bodies = new Map<number, Buffer>();
  app.route<{ Params: { length: string } }>({
    method: ['GET', 'POST', 'PUT'],
    url: '/bytes/:length',
    handler: (request, reply) => {
      const length = Number(request.params.length);
      const body = bodies.get(length) ?? Buffer.from(JSON.stringify('x'.repeat(Math.max(0, length - 2))));
      bodies.set(length, body);
      return reply.type(JSON_TYPE).send(body);
    },
  });
  app.get<{ Params: { chat: string } }>('/query/chats/:chat', async (request, reply) => {
    const { rows } = await pool.query<{ item: string }>({
      name: 'items',
      text: `select item::text as item from chat_items where chat_id = $1 and user_id = $2 order by position`,
      values: [request.params.chat, userOf(request)],
    });
    const body = `{"chat_id":"${request.params.chat}","conversation":[${rows.map(({ item }) => item).join(',')}]}`;
    return reply.type(JSON_TYPE).send(body);
  });
  app.get('/query/chats', async (request) => {
    const { rows } = await pool.query({
      name: 'list',
      text: `select ${COLUMNS} from chats where user_id = $1 and is_active
        order by updated_minute desc, updated_at desc, chat_id desc limit 20`,
      values: [userOf(request)],
    });
    return { chats: rows };
  });
  app.post<{ Body: { title: string } }>('/query/chats', async (request, reply) => {
    const { rows } = await pool.query({
      name: 'create',
      text: `insert into chats (chat_id, user_id, title) values ($1, $2, $3) returning ${COLUMNS}`,
      values: [newId(), userOf(request), request.body.title],
    });
    return reply.code(201).send(rows[0]);
  });
  app.post<{ Body: { input: string } }>('/query/chat/run', async (request) => {
    const result = await runner.run(agent, request.body.input, { context: {} });
    return { final_output: result.finalOutput };
  });
  app.post<{ Body: { input: string } }>('/query/chat/stream', async (request, reply) => {
    const result = await runner.run(agent, request.body.input, { stream: true, context: {} });
    return reply.type('text/event-stream; charset=utf-8').send(Readable.from(toText(result)));
  });
}

async function* toText(events: AsyncIterable<{ type: string }>): AsyncGenerator<string> {
  for await (const event of events) yield `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function userOf({ headers }: FastifyRequest): string {
  return String(headers['x-user']);
}
