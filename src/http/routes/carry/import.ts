import { setImmediate } from 'node:timers/promises';
import type { ChatSource } from '../../../carry/entries.ts';
import { importChats } from '../../../carry/import-chats.ts';
import { readChats, readConversationList } from '../../../carry/read-chats.ts';
import type { Database } from '../../../database/database.ts';
import { invalidField } from '../../../errors.ts';
import * as wire from '../../../wire/carry/carry.ts';
import { acceptLines, LINES_TYPE } from '../../body/accept-lines.ts';
import type { BodyMemory } from '../../body/body-memory.ts';
import { problemsOfChange, reply as replySchema } from '../../problem-schemas.ts';
import { DEFAULT_BODY_LIMIT, type Router, userOf } from '../../router.ts';

export interface ImportRouteOptions {
  readonly db: Database;
  readonly bodyMemory: BodyMemory;
  readonly bodyLimit?: number | undefined;
  readonly maxItemBytes?: number | undefined;
}

/** Of lines that are read at once. */
const PIECE_CHARACTERS = 65_536;

/** `/import`: what an export gave, here or of ChatGPT’s, as long as a body may be. */
export function routeImport(
  router: Router,
  { db, bodyMemory, bodyLimit, maxItemBytes }: ImportRouteOptions,
): void {
  void router.register(async (scope: Router) => {
    acceptLines(scope, { memory: bodyMemory, bodyLimit: bodyLimit ?? DEFAULT_BODY_LIMIT });
    scope.post(
      '/import',
      {
        schema: {
          tags: ['chats'],
          operationId: 'importChats',
          summary: 'Import chats',
          description:
            'An export as JSON Lines, or the conversations of ChatGPT’s as JSON. Each chat is imported as a whole or not at ' +
            'all, and one that is there already stays as it is: the same can be sent again. More than a body may have is ' +
            'sent in parts, of whole chats: the first line of an export, then the lines of some of its chats',
          querystring: wire.ImportQuery,
          body: {
            content: {
              'application/json': { schema: wire.ConversationList },
              [LINES_TYPE]: { schema: wire.ImportLines },
            },
          },
          response: {
            200: replySchema(wire.ImportReport, 'What was imported, and what was not and why'),
            ...problemsOfChange(),
          },
        },
      },
      async (request) => {
        const source = toSource(request.body, maxItemBytes);
        return importChats(db, userOf(request), source, { dryRun: request.query.dry_run });
      },
    );
  });
}

function toSource(body: unknown, maxItemBytes: number | undefined): ChatSource {
  if (typeof body === 'string') return readChats(inPieces(body), { format: 'questlog', maxItemBytes });
  // A request without a body has no type by which it would be checked.
  if (!Array.isArray(body)) throw invalidField('body', 'must be an export');
  // The lines of an export as a list.
  if (body[0]?.type === 'export') return readChats(linesOf(body), { format: 'questlog', maxItemBytes });
  return readConversationList(body, maxItemBytes);
}

async function* linesOf(list: readonly unknown[]): AsyncGenerator<string> {
  for (const line of list) {
    await setImmediate();
    yield `${JSON.stringify(line)}\n`;
  }
}

/** So that what is read long leaves others the event loop. */
async function* inPieces(text: string): AsyncGenerator<string> {
  for (let from = 0; from < text.length; from += PIECE_CHARACTERS) {
    await setImmediate();
    yield text.slice(from, from + PIECE_CHARACTERS);
  }
}
