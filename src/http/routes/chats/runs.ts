import type { Queryable } from '../../../driver/driver.ts';
import { toRunInfo } from '../../../run/outcome/run-info.ts';
import { getChat } from '../../../store/chats/chats.ts';
import { getUsageOfChat, listRuns } from '../../../store/runs/runs.ts';
import { ChatParams } from '../../../wire/chats.ts';
import * as wire from '../../../wire/runs.ts';
import { problems, reply as replySchema } from '../../problem-schemas.ts';
import { toRunResponse } from '../../replies/run-json.ts';
import { type Router, userOf } from '../../router.ts';
import { chatNotFound } from './change-idle.ts';

const MAX_LISTED_RUNS = 100;

/** `GET /:chat_id/runs`: the runs of a chat, and what all of them used. */
export function routeRuns(router: Router, db: Queryable): void {
  router.get(
    '/:chat_id/runs',
    {
      schema: {
        tags: ['chats'],
        operationId: 'listRuns',
        summary: `The newest ${MAX_LISTED_RUNS} runs of a chat, and what all its runs used`,
        params: ChatParams,
        response: { 200: replySchema(wire.RunListResponse, 'The runs'), ...problems(400, 404) },
      },
    },
    async (request): Promise<wire.RunListResponse> => {
      const { chat_id: chatId } = request.params;
      const userId = userOf(request);
      if ((await getChat(db, chatId, userId)) === undefined) throw chatNotFound();
      const runs = await listRuns(db, userId, { chatId, limit: MAX_LISTED_RUNS });
      const used = await getUsageOfChat(db, userId, chatId);
      const usage = {
        requests: used.requests,
        input_tokens: used.inputTokens,
        output_tokens: used.outputTokens,
        total_tokens: used.totalTokens,
      };
      return { runs: runs.map(toRunInfo).map(toRunResponse), usage };
    },
  );
}
