import type { FastifyPluginAsync } from 'fastify';
import { type Database, mustBeDatabase } from '../../../database/database.ts';
import { checkOptions } from '../../../options.ts';
import { deleteUserData } from '../../../store/users/delete-user-data.ts';
import { readUserData } from '../../../store/users/read-user-data.ts';
import { getUserRetention, setUserRetention } from '../../../store/users/retention.ts';
import { ErasureResponse, UserDataLines, UserRetention } from '../../../wire/users/user-data.ts';
import { LINES_TYPE } from '../../body/accept-lines.ts';
import { problems, problemsOfChange, reply as replySchema } from '../../problem-schemas.ts';
import { sendPieces, toPieces } from '../../replies/chat-json.ts';
import { prepareRouter, type Router, type RouterOptions, userOf } from '../../router.ts';

/** Whose data are served. */
export interface UserRouterOptions extends RouterOptions {
  /** Where they are. */
  readonly db: Database;
}

/**
 * All that is stored of the user who asks: to take along, and to remove. Register it with a prefix.
 *
 * @example
 * await app.register(userRouter, { prefix: '/user', db, authenticate });
 */
export const userRouter: FastifyPluginAsync<UserRouterOptions> = async (fastify, options) => {
  const { db } = options;
  checkOptions({ db }, { db: mustBeDatabase });
  const router = prepareRouter(fastify, options);
  routeData(router, db);
  routeRetention(router, db);
};

function routeData(router: Router, db: Database): void {
  router.get(
    '/data',
    {
      schema: {
        tags: ['user'],
        operationId: 'readUserData',
        summary: 'Everything that is stored of you, as lines of JSON',
        description: 'A line is a row: `{"table":…,"row":{…}}`',
        response: {
          200: {
            description: 'The rows',
            content: { [LINES_TYPE]: { schema: UserDataLines } },
          },
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const texts = readUserData(db, userOf(request));
      return sendPieces(reply.type(`${LINES_TYPE}; charset=utf-8`), toPieces(texts));
    },
  );
  router.delete(
    '/data',
    {
      schema: {
        tags: ['user'],
        operationId: 'deleteUserData',
        summary: 'Remove everything that is stored of you, for good',
        description:
          'Chats, items, runs and settings. What was removed before a failure stays removed: ask again',
        response: { 200: replySchema(ErasureResponse, 'Nothing is left'), ...problemsOfChange(409) },
      },
    },
    async (request) => {
      const counts = await deleteUserData(db, userOf(request));
      return { removed: Object.entries(counts).map(([table, rows]) => ({ table, rows })) };
    },
  );
}

function routeRetention(router: Router, db: Database): void {
  router.get(
    '/retention',
    {
      schema: {
        tags: ['user'],
        operationId: 'getRetention',
        summary: 'After how many days without activity your chats are removed',
        response: { 200: replySchema(UserRetention, 'As you have set it'), ...problems() },
      },
    },
    async (request) => ({ inactive_days: await getUserRetention(db, userOf(request)) }),
  );
  router.put(
    '/retention',
    {
      schema: {
        tags: ['user'],
        operationId: 'setRetention',
        summary: 'Set it. Where the server removes them sooner, it does',
        body: UserRetention,
        response: { 200: replySchema(UserRetention, 'As it is now'), ...problemsOfChange() },
      },
    },
    async (request) => {
      await setUserRetention(db, userOf(request), request.body.inactive_days);
      return request.body;
    },
  );
}
