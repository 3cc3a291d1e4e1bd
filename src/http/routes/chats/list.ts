import type { Queryable } from '../../../driver/driver.ts';
import { invalidField } from '../../../errors.ts';
import { getChatCount } from '../../../store/chats/chat-counts.ts';
import type { ChatFilter, MetadataFilter } from '../../../store/chats/chat-filter.ts';
import { type ChatCursor, getChatPage } from '../../../store/chats/chat-list.ts';
import { readConversations } from '../../../store/chats/read-conversations.ts';
import { ChatListResponse } from '../../../wire/chats.ts';
import { ChatListQuery } from '../../../wire/organise/list-query.ts';
import { problems, reply as replySchema } from '../../problem-schemas.ts';
import { listJson, sendJson, toSummary } from '../../replies/chat-json.ts';
import { fromCursor, toCursor } from '../../replies/cursor.ts';
import { type Router, userOf } from '../../router.ts';

/** `/`: the user's chats in pages. */
export function routeList(router: Router, db: Queryable): void {
  router.get(
    '/',
    {
      schema: {
        tags: ['chats'],
        operationId: 'listChats',
        summary: 'List chats, newest activity first',
        querystring: ChatListQuery,
        response: { 200: replySchema(ChatListResponse, 'A page of chats'), ...problems(400) },
      },
    },
    async (request, reply) => {
      const { skip = 0, limit = 100, cursor, include } = request.query;
      const filter = toFilter(request.query);
      const userId = userOf(request);
      const after: ChatCursor | undefined = cursor === undefined ? undefined : fromCursor(cursor);
      const [{ chats, hasMore }, total] = await Promise.all([
        getChatPage(db, userId, { ...filter, skip, limit, after }),
        getChatCount(db, userId, filter),
      ]);
      const last = hasMore ? chats.at(-1) : undefined;
      const page = { total, skip, limit, next_cursor: last === undefined ? null : toCursor(last) };
      if (include === undefined) return { chats: chats.map(toSummary), ...page };
      const chatIds = chats.map(({ chatId }) => chatId);
      return sendJson(reply, listJson(readConversations(db, userId, chatIds), page));
    },
  );
}

function toFilter(query: ChatListQuery): ChatFilter {
  const { active_only: activeOnly, deleted_only: deletedOnly, q: titleContains, archived, pinned } = query;
  const tags = query.tag === undefined ? undefined : [query.tag].flat();
  const metadata = query.metadata === undefined ? undefined : readObject('metadata', query.metadata);
  return { activeOnly, deletedOnly, titleContains, archived, pinned, tags, metadata };
}

/** Its members are checked where they are used. */
function readObject(field: string, text: string): MetadataFilter {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidField(field, 'must be a JSON object');
  }
}
