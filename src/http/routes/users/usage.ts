import type { FastifyPluginAsync } from 'fastify';
import { mustBeDatabase } from '../../../database/database.ts';
import { checkOptions } from '../../../options.ts';
import { getUsage, type UsageReport, type UsageSums } from '../../../store/usage/get-usage.ts';
import * as wire from '../../../wire/users/usage-report.ts';
import { problems, reply as replySchema } from '../../problem-schemas.ts';
import { decodeCursor, encodeCursor, unknownCursor } from '../../replies/cursor.ts';
import { prepareRouter, userOf } from '../../router.ts';
import type { UserRouterOptions } from './user.ts';

/**
 * What the user who asks has used of models. Register it with a prefix.
 *
 * @example
 * await app.register(usageRouter, { prefix: '/usage', db, authenticate });
 */
export const usageRouter: FastifyPluginAsync<UserRouterOptions> = async (fastify, options) => {
  const { db } = options;
  checkOptions({ db }, { db: mustBeDatabase });
  const router = prepareRouter(fastify, options);
  router.get(
    '/',
    {
      schema: {
        tags: ['user'],
        operationId: 'getUsage',
        summary: 'What you have used of models: tokens, calls and what they cost',
        description: 'Of all your runs; also of chats and runs that were removed',
        querystring: wire.UsageQuery,
        response: { 200: replySchema(wire.UsageResponse, 'A page of it'), ...problems(400) },
      },
    },
    async (request): Promise<wire.UsageResponse> => {
      const { by = 'day', from, to, limit, cursor } = request.query;
      const after = cursor === undefined ? undefined : fromCursor(cursor, by);
      return toJson(await getUsage(db, userOf(request), { by, from, to, limit, after }));
    },
  );
};

function toJson({ by, from, to, entries, totals, next }: UsageReport): wire.UsageResponse {
  return {
    by,
    from,
    to,
    items: entries.map(({ key, ...sums }) => ({ key, ...toSums(sums) })),
    totals: toSums(totals),
    next_cursor: next === undefined ? null : encodeCursor([by, next]),
  };
}

function toSums(sums: UsageSums): wire.UsageSums {
  return {
    runs: sums.runs,
    requests: sums.requests,
    unpriced_requests: sums.unpricedRequests,
    input_tokens: sums.inputTokens,
    cached_input_tokens: sums.cachedInputTokens,
    output_tokens: sums.outputTokens,
    reasoning_tokens: sums.reasoningTokens,
    total_tokens: sums.totalTokens,
    cost: sums.cost,
  };
}

/** A place among models is none among days. */
function fromCursor(cursor: string, by: string): string {
  const [ofKey, after, ...rest] = decodeCursor(cursor);
  const isOurs = ofKey === by && typeof after === 'string' && rest.length === 0;
  if (!isOurs || !after.isWellFormed() || after.includes('\u0000') || after.startsWith('\ufeff'))
    throw unknownCursor();
  return after;
}
