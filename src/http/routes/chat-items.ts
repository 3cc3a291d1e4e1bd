import { atomically, type Queryable } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import { assertIdle } from '../../run/lifecycle/begin.ts';
import { getChat, unlessRemoved } from '../../store/chats/chats.ts';
import { archiveItems } from '../../store/items/history.ts';
import { lockChat, moveNextPosition } from '../../store/items/locked-chat.ts';
import { getItemPage } from '../../store/items/read-items.ts';
import * as wire from '../../wire/chats.ts';
import { problems, problemsOfChange, reply as replySchema } from '../problem-schemas.ts';
import { sendJson } from '../replies/chat-json.ts';
import { type Router, userOf } from '../router.ts';

/** `/:chat_id/items`: a page of a chat's items with their positions, and taking some of them out. */
export function routeItems(router: Router, db: Queryable): void {
  routePage(router, db);
  routeRemoval(router, db);
}

function routePage(router: Router, db: Queryable): void {
  router.get(
    '/:chat_id/items',
    {
      schema: {
        tags: ['chats'],
        operationId: 'listItems',
        summary: 'A page of a chat’s items',
        description:
          'The newest `limit` items; with `before`, those just before it; with `after`, those just after it',
        params: wire.ChatParams,
        querystring: wire.ItemPageQuery,
        response: { 200: replySchema(wire.ItemPageResponse, 'A page of items'), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { before, after, limit = 100, active_only: activeOnly = true } = request.query;
      const { chat_id: chatId } = request.params;
      const userId = userOf(request);
      const chat = await getChat(db, chatId, userId, { activeOnly });
      // One more than asked for tells whether there are more.
      const range = { before, after, limit: limit + 1 };
      const rows = chat && (await unlessRemoved(db, chat, getItemPage(db, chatId, userId, range)));
      if (!chat || !rows) throw new QuestlogError('chat_not_found', 'there is no such chat');
      const hasMore = rows.length > limit;
      const forward = after !== undefined && before === undefined;
      const page = !hasMore ? rows : forward ? rows.slice(0, limit) : rows.slice(1);
      return sendJson(reply, pageJson(chat.title, page, hasMore));
    },
  );
}

function routeRemoval(router: Router, db: Queryable): void {
  router.delete(
    '/:chat_id/items',
    {
      schema: {
        tags: ['chats'],
        operationId: 'deleteItems',
        summary: 'Take items out of a chat’s history',
        description:
          'To say something else instead, for instance. They are archived; positions are never used again, so ' +
          'repeating the request changes nothing more',
        params: wire.ChatParams,
        querystring: wire.ItemRangeQuery,
        response: {
          204: { description: 'They are not in the history', type: 'null' },
          ...problemsOfChange(404, 409),
        },
      },
    },
    async (request, reply) => {
      const { chat_id: chatId } = request.params;
      const userId = userOf(request);
      await atomically(db, userId, async (tx) => {
        const chat = await lockChat(tx, chatId, userId);
        if (!chat?.isActive) throw new QuestlogError('chat_not_found', 'there is no such chat');
        await assertIdle(tx, userId, chatId);
        await archiveItems(tx, chat, request.query);
        await moveNextPosition(tx, chat, 0);
      });
      return reply.code(204).send();
    },
  );
}

function* pageJson(
  title: string | null,
  page: Awaited<ReturnType<typeof getItemPage>>,
  hasMore: boolean,
): Generator<string> {
  yield `{"title":${JSON.stringify(title)},"items":[`;
  for (const [index, row] of page.entries()) {
    const head = JSON.stringify({
      position: row.position,
      run_id: row.runId,
      blocked: row.isBlocked,
      created_at: row.createdAt.toISOString(),
    });
    yield `${index === 0 ? '' : ','}${head.slice(0, -1)},"item":${row.text}}`;
  }
  yield `],"has_more":${hasMore}}`;
}
