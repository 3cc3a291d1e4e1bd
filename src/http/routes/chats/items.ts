import type { Queryable } from '../../../driver/driver.ts';
import { alternativeNotFound } from '../../../session/alternatives.ts';
import { type Chat, getChat } from '../../../store/chats/chats.ts';
import { readLargeItem } from '../../../store/chats/read-conversations.ts';
import { archiveItems } from '../../../store/items/history.ts';
import { getItemPage, type ItemPage, readLargeArchivedItem } from '../../../store/items/item-page.ts';
import { moveNextPosition } from '../../../store/items/locked-chat.ts';
import { isSetAside, type Point } from '../../../store/items/read-alternatives.ts';
import * as wire from '../../../wire/chats.ts';
import { problems, problemsOfChange, reply as replySchema } from '../../problem-schemas.ts';
import { enclose, type NextPiece, sendJson, toSummary } from '../../replies/chat-json.ts';
import { type Router, userOf } from '../../router.ts';
import { changeIdle, chatNotFound } from './change-idle.ts';

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
          'The newest `limit` items; with `before`, those just before it; with `after`, those just after it. Fewer where ' +
          'they are more than a megabyte: as long as `has_more` is true, ask on from the last position',
        params: wire.ChatParams,
        querystring: wire.ItemPageQuery,
        response: { 200: replySchema(wire.ItemPageResponse, 'A page of items'), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { before, after, limit = 100, alternative, active_only: activeOnly = true } = request.query;
      const { chat_id: chatId } = request.params;
      const userId = userOf(request);
      const chat = await getChat(db, chatId, userId, { activeOnly });
      const page = chat && (await getItemPage(db, chatId, userId, { before, after, limit, alternative }));
      const isThere = page && (page.items.length > 0 || (await getChat(db, chatId, userId, { activeOnly })));
      if (!isThere) throw chatNotFound();
      if (page.items.length === 0 && alternative !== undefined)
        await assertSetAside(db, chatId, userId, alternative);
      const [large] = page.items.filter(({ text }) => text === null);
      const readLarge = alternative === undefined ? readLargeItem : readLargeArchivedItem;
      const next = large && readLarge(db, userId, chatId, large.position);
      return sendJson(reply, pageJson(chat, page, next));
    },
  );
}

async function assertSetAside(
  db: Queryable,
  chatId: string,
  userId: string,
  alternative: number,
): Promise<void> {
  if (!(await isSetAside(db, chatId, userId, alternative))) throw alternativeNotFound(alternative);
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
        querystring: wire.ItemRange,
        response: {
          204: { description: 'They are not in the history', type: 'null' },
          ...problemsOfChange(404, 409),
        },
      },
    },
    async (request, reply) => {
      await changeIdle(db, userOf(request), request.params.chat_id, async (tx, chat) => {
        await archiveItems(tx, chat, request.query);
        await moveNextPosition(tx, chat, 0);
      });
      return reply.code(204).send();
    },
  );
}

/** @param readLarge reads the page's only item, which is larger than a page. */
function pageJson(chat: Chat, { items, hasMore, points }: ItemPage, readLarge?: NextPiece): NextPiece {
  const texts = items.map((row) => {
    const head = JSON.stringify({
      position: row.position,
      run_id: row.runId,
      blocked: row.isBlocked,
      created_at: row.createdAt.toISOString(),
      feedback: row.feedback,
    });
    return `${head.slice(0, -1)},"item":${row.text ?? ''}`;
  });
  const { title, tags, forked_from, expires_at } = toSummary(chat);
  const head = JSON.stringify({ title, version: chat.version, tags, forked_from, expires_at });
  const text = `${head.slice(0, -1)},"items":[${texts.join('},')}`;
  const end = `${texts.length > 0 ? '}' : ''}],"has_more":${hasMore},"points":${JSON.stringify(points.map(toPoint))}}`;
  return enclose(text, readLarge ?? (async () => ({ text: '', isLast: true })), end);
}

function toPoint({ beginAlike, ...point }: Point): wire.Point {
  return { ...point, begin_alike: beginAlike };
}
