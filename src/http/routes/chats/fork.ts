import type { Queryable } from '../../../driver/driver.ts';
import { forkChat } from '../../../store/chats/fork-chat.ts';
import { ChatParams, ChatSummary } from '../../../wire/chats.ts';
import { ForkRequest } from '../../../wire/organise/organisation.ts';
import { problemsOfChange, reply as replySchema } from '../../problem-schemas.ts';
import { toSummary } from '../../replies/chat-json.ts';
import { toETag } from '../../replies/etag.ts';
import { type Router, userOf } from '../../router.ts';
import { chatNotFound } from './change-idle.ts';

/** `/:chat_id/fork`: a new chat that begins as this one does. */
export function routeFork(router: Router, db: Queryable): void {
  router.post(
    '/:chat_id/fork',
    {
      schema: {
        tags: ['chats'],
        operationId: 'forkChat',
        summary: 'Make a new chat of a chat’s history, up to an item',
        description:
          'Items keep their positions, times and feedback; tags and metadata go along. Runs, alternatives and the archive ' +
          'stay. An active run does not matter: what it has stored is copied',
        params: ChatParams,
        body: ForkRequest,
        response: { 201: replySchema(ChatSummary, 'The new chat'), ...problemsOfChange(404) },
      },
    },
    async (request, reply) => {
      const chat = await forkChat(db, request.params.chat_id, userOf(request), request.body);
      if (chat === undefined) throw chatNotFound();
      reply.code(201).header('location', `${router.prefix}/${chat.chatId}`).header('etag', toETag(chat));
      return toSummary(chat);
    },
  );
}
