import type { Queryable } from '../../../driver/driver.ts';
import { setChatExpiry } from '../../../store/users/retention.ts';
import { ChatParams } from '../../../wire/chats.ts';
import { ChatExpiry } from '../../../wire/users/user-data.ts';
import { problemsOfChange } from '../../problem-schemas.ts';
import { type Router, userOf } from '../../router.ts';
import { chatNotFound } from './change-idle.ts';

/** `PUT /:chat_id/expiry`: when a chat is to be gone. */
export function routeExpiry(router: Router, db: Queryable): void {
  router.put(
    '/:chat_id/expiry',
    {
      schema: {
        tags: ['chats'],
        operationId: 'setChatExpiry',
        summary: 'Say when a chat is to be gone',
        description: 'It is removed for good within the hour after',
        params: ChatParams,
        body: ChatExpiry,
        response: { 204: { description: 'It is set', type: 'null' }, ...problemsOfChange(404) },
      },
    },
    async (request, reply) => {
      const { expires_at: at } = request.body;
      const expiresAt = at === null ? null : new Date(at);
      if (!(await setChatExpiry(db, request.params.chat_id, userOf(request), expiresAt)))
        throw chatNotFound();
      return reply.code(204).send();
    },
  );
}
