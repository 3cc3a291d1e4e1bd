import Type from 'typebox';
import type { Queryable } from '../../../driver/driver.ts';
import { QuestlogError } from '../../../errors.ts';
import { rateItem } from '../../../store/items/chat-items.ts';
import { ChatParams, FeedbackRequest, Position } from '../../../wire/chats.ts';
import { problemsOfChange } from '../../problem-schemas.ts';
import { type Router, userOf } from '../../router.ts';

const Params = Type.Object({ ...ChatParams.properties, position: Position('Of the item') });

/** `PUT /:chat_id/items/:position/feedback`: what the person thinks of an item. */
export function routeFeedback(router: Router, db: Queryable): void {
  router.put(
    '/:chat_id/items/:position/feedback',
    {
      schema: {
        tags: ['chats'],
        operationId: 'rateItem',
        summary: 'Say what you think of an item: thumbs, and why',
        description:
          'It is stored beside the item, which stays as it is, and comes with the pages of items. It counts as a ' +
          'change of the chat. Not of a run that has not ended: its items are not final',
        params: Params,
        body: FeedbackRequest,
        response: { 204: { description: 'It is stored', type: 'null' }, ...problemsOfChange(404) },
      },
    },
    async (request, reply) => {
      const { chat_id: chatId, position } = request.params;
      if (!(await rateItem(db, chatId, userOf(request), position, request.body)))
        throw new QuestlogError('not_found', 'there is no such item in a chat of this user');
      return reply.code(204).send();
    },
  );
}
