import type { Queryable } from '../../../driver/driver.ts';
import { alternativeNotFound } from '../../../session/alternatives.ts';
import { getChat } from '../../../store/chats/chats.ts';
import { selectAlternative, setAside } from '../../../store/items/alternatives.ts';
import { type Alternative, getAlternatives } from '../../../store/items/read-alternatives.ts';
import * as wire from '../../../wire/alternatives.ts';
import { ChatParams, ItemRange } from '../../../wire/chats.ts';
import { problems, problemsOfChange, reply as replySchema } from '../../problem-schemas.ts';
import { type Router, userOf } from '../../router.ts';
import { changeIdle, chatNotFound } from './change-idle.ts';

/** `/:chat_id/alternatives`: setting a part of a history aside, what is set aside, and taking it back. */
export function routeAlternatives(router: Router, db: Queryable): void {
  routeSettingAside(router, db);
  routeList(router, db);
  routeSelection(router, db);
}

function routeSettingAside(router: Router, db: Queryable): void {
  router.post(
    '/:chat_id/alternatives',
    {
      schema: {
        tags: ['chats'],
        operationId: 'setAside',
        summary: 'Set the end of a chat’s history aside, to go on otherwise',
        description:
          'All from `from` on, what others have written behind `to` meanwhile included. What is written next is another ' +
          'alternative to it. Positions are never used again, so repeating the request changes nothing more',
        params: ChatParams,
        body: ItemRange,
        response: {
          204: { description: 'They are not in the history', type: 'null' },
          ...problemsOfChange(404, 409),
        },
      },
    },
    async (request, reply) => {
      await changeIdle(db, userOf(request), request.params.chat_id, (tx, chat) =>
        setAside(tx, chat, request.body),
      );
      return reply.code(204).send();
    },
  );
}

function routeList(router: Router, db: Queryable): void {
  router.get(
    '/:chat_id/alternatives',
    {
      schema: {
        tags: ['chats'],
        operationId: 'listAlternatives',
        summary: 'The alternatives of a chat’s history',
        description:
          'Those at the points of the history, the current ones included. What is set aside may have alternatives of its own, ' +
          'which are listed when it is current',
        params: ChatParams,
        querystring: wire.AlternativeListQuery,
        response: {
          200: replySchema(wire.AlternativeListResponse, 'A page of alternatives'),
          ...problems(400, 404),
        },
      },
    },
    async (request) => {
      const { after = -1, limit = 100 } = request.query;
      const { chat_id: chatId } = request.params;
      const userId = userOf(request);
      const found = await getAlternatives(db, chatId, userId, { after, limit: limit + 1 });
      if (found.length === 0 && !(await getChat(db, chatId, userId))) throw chatNotFound();
      return { alternatives: found.slice(0, limit).map(toJson), has_more: found.length > limit };
    },
  );
}

function routeSelection(router: Router, db: Queryable): void {
  router.post(
    '/:chat_id/alternatives/:alternative_id/select',
    {
      schema: {
        tags: ['chats'],
        operationId: 'selectAlternative',
        summary: 'Go on with an alternative',
        description:
          'Its items are the end of the history, at new positions; what stood there is set aside. Both ways nothing is lost',
        params: wire.AlternativeParams,
        response: {
          204: { description: 'It is the current one', type: 'null' },
          ...problemsOfChange(404, 409),
        },
      },
    },
    async (request, reply) => {
      const { chat_id: chatId, alternative_id: alternativeId } = request.params;
      await changeIdle(db, userOf(request), chatId, async (tx, chat) => {
        if (!(await selectAlternative(tx, chat, alternativeId))) throw alternativeNotFound(alternativeId);
      });
      return reply.code(204).send();
    },
  );
}

function toJson({ alternativeId, position, isCurrent, items, createdAt }: Alternative): wire.Alternative {
  return {
    alternative_id: alternativeId,
    position,
    current: isCurrent,
    items,
    created_at: createdAt.toISOString(),
  };
}
