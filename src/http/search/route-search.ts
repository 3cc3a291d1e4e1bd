import type { Queryable } from '../../driver/driver.ts';
import { isPlace, type SearchCursor, type SearchResult, searchChats } from '../../search/search-chats.ts';
import type { SearchSettings } from '../../search/search-settings.ts';
import * as wire from '../../wire/search/search.ts';
import { problems, reply as replySchema } from '../problem-schemas.ts';
import { decodeCursor, encodeCursor, unknownCursor } from '../replies/cursor.ts';
import { type Router, userOf } from '../router.ts';

/** `/search`: titles, and what was said. It stands before `/:chat_id`, so no chat can be made with that id. */
export function routeSearch(router: Router, db: Queryable, settings: SearchSettings | undefined): void {
  router.get(
    '/search',
    {
      schema: {
        tags: ['chats'],
        operationId: 'searchChats',
        summary: 'Find titles, and what was said',
        description:
          'In active chats, in what belongs to the history now: not what was taken out of it or set aside. Accents and ' +
          'case make no difference; in scripts without spaces any part of a line is found, and so are emoji',
        querystring: wire.SearchQuery,
        response: { 200: replySchema(wire.SearchResponse, 'A page of results'), ...problems(400) },
      },
    },
    async (request): Promise<wire.SearchResponse> => {
      const { q: query, limit, tools, cursor } = request.query;
      const after = cursor === undefined ? undefined : fromCursor(cursor);
      const found = await searchChats(db, userOf(request), { ...settings, query, limit, tools, after });
      return {
        items: found.results.map(toJson),
        next_cursor: found.next === undefined ? null : toCursor(found.next),
        is_complete: found.isComplete,
      };
    },
  );
}

function toJson({ chatId, createdAt, ...result }: SearchResult): wire.SearchResult {
  const { title, position, role, rank, snippet } = result;
  const highlights = [...snippet.highlights];
  return {
    chat_id: chatId,
    title,
    position,
    role,
    created_at: createdAt.toISOString(),
    rank,
    snippet: { text: snippet.text, highlights },
  };
}

function toCursor({ rank, moment, chatId, position }: SearchCursor): string {
  return encodeCursor([rank, moment, chatId, position]);
}

function fromCursor(cursor: string): SearchCursor {
  const [rank, moment, chatId, position] = decodeCursor(cursor);
  const place = { rank, moment, chatId, position };
  if (!isPlace(place)) throw unknownCursor();
  return place;
}
