import { exportChats } from '../../../carry/export-chats.ts';
import { exportMarkdown } from '../../../carry/markdown.ts';
import type { Database } from '../../../database/database.ts';
import { QuestlogError } from '../../../errors.ts';
import * as wire from '../../../wire/carry/carry.ts';
import { ChatParams } from '../../../wire/chats.ts';
import { LINES_TYPE } from '../../body/accept-lines.ts';
import { problems } from '../../problem-schemas.ts';
import { sendPieces, toPieces } from '../../replies/chat-json.ts';
import { type Router, userOf } from '../../router.ts';

const RETRY_AFTER_SECONDS = 5;
const CANCELLED = '\n{"type":"chat_cancelled"';

/** `/export` and `/:chat_id/export`: all chats of the user, or one, to be kept or imported elsewhere. */
export function routeExport(router: Router, db: Database): void {
  // In this process: the statements of a user’s exports on all of them take turns.
  const exporting = new Set<string>();
  router.get(
    '/export',
    {
      schema: {
        tags: ['chats'],
        operationId: 'exportChats',
        summary: 'Export all chats',
        description:
          'As JSON Lines, soft-deleted chats and alternatives too: `POST /chats/import` takes it. One at a time by user. ' +
          'The last line is of type `end`: without it the export was cut off',
        response: { 200: lines('A line for each chat, its items and its end'), ...problems() },
      },
    },
    async (request, reply) => {
      const userId = userOf(request);
      if (exporting.has(userId)) {
        throw new QuestlogError('rate_limited', 'an export of all chats is being read', {
          details: { retry_after: RETRY_AFTER_SECONDS },
        });
      }
      // A client that has left already is not heard of again.
      if (!reply.raw.destroyed) {
        exporting.add(userId);
        reply.raw.once('close', () => exporting.delete(userId));
      }
      reply.header('content-disposition', 'attachment; filename="chats.jsonl"');
      return sendPieces(reply.type(LINES_TYPE), toPieces(exportChats(db, userId)));
    },
  );
  router.get(
    '/:chat_id/export',
    {
      schema: {
        tags: ['chats'],
        operationId: 'exportChat',
        summary: 'Export a chat',
        params: ChatParams,
        querystring: wire.ExportQuery,
        response: { 200: FORMS, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { chat_id: chatId } = request.params;
      const { format = 'jsonl' } = request.query;
      const userId = userOf(request);
      reply.header('content-disposition', `attachment; filename="chat.${EXTENSIONS[format]}"`);
      if (format === 'markdown')
        return sendPieces(
          reply.type('text/markdown; charset=utf-8'),
          toPieces(exportMarkdown(db, userId, chatId)),
        );
      const texts = exportChats(db, userId, { chatId });
      if (format === 'jsonl') return sendPieces(reply.type(LINES_TYPE), toPieces(texts));
      return sendPieces(reply.type('application/json; charset=utf-8'), toPieces(toList(texts)));
    },
  );
}

const EXTENSIONS = { jsonl: 'jsonl', json: 'json', markdown: 'md' } as const;

const FORMS = {
  description: 'The chat in the form that was asked for',
  content: {
    [LINES_TYPE]: { schema: wire.ExportLines },
    'application/json': { schema: wire.ExportList },
    'text/markdown': { schema: wire.ExportMarkdown },
  },
};

function lines(description: string): unknown {
  return {
    description,
    content: { [LINES_TYPE]: { schema: wire.ExportLines } },
  };
}

/** The lines as the elements of a JSON list, which cannot take back what was said of a chat that has changed. */
async function* toList(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let separator = '[';
  let isInside = false;
  for await (const text of texts) {
    if (text.includes(CANCELLED))
      throw new QuestlogError('history_conflict', 'the chat was changed meanwhile');
    let list = '';
    for (const [index, piece] of text.split('\n').entries()) {
      if (index > 0) isInside = false;
      if (piece === '') continue;
      list += isInside ? piece : separator + piece;
      [separator, isInside] = [',', true];
    }
    if (list !== '') yield list;
  }
  yield ']';
}
