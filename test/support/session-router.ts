import type { AgentInputItem } from '@openai/agents-core';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Database } from '../../src/database/database.ts';
import { prepareRouter, type RouterOptions, userOf } from '../../src/http/router.ts';
import { DatabaseSession } from '../../src/session/database-session.ts';

/** `POST /{chat_id}/add`, `pop`, `clear` and `replace`: the library in a process that a test may kill. */
export const sessionRouter: FastifyPluginAsync<RouterOptions & { readonly db: Database }> = async (
  fastify,
  options,
) => {
  const router = prepareRouter(fastify, options);
  const sessionOf = (request: FastifyRequest) =>
    new DatabaseSession((request.params as { chat_id: string }).chat_id, options.db, {
      userId: userOf(request),
    });
  const itemsOf = ({ body }: FastifyRequest) => body as AgentInputItem[];
  router.post('/:chat_id/add', (request) => sessionOf(request).addItems(itemsOf(request)).then(empty));
  router.post('/:chat_id/pop', async (request) => ({ item: await sessionOf(request).popItem() }));
  router.post('/:chat_id/clear', (request) => sessionOf(request).clearSession().then(empty));
  router.post('/:chat_id/replace', (request) =>
    sessionOf(request).replaceHistoryWithCompaction(itemsOf(request)).then(empty),
  );
};

const empty = () => ({});
