import type { FastifyPluginAsync } from 'fastify';
import Type from 'typebox';
import type { Database } from '../../database/database.ts';
import { singleFlight } from '../../database/single-flight.ts';
import { hasMigrations } from '../../driver/migrate.ts';
import { QuestlogError } from '../../errors.ts';
import { problems, reply } from '../problem-schemas.ts';
import { sendProblem } from '../router.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A request to this route is not worth a line of the log; a failure is. */
    quiet?: boolean;
  }
}

const Ok = Type.Object({ status: Type.Literal('ok') }, { title: 'Health', examples: [{ status: 'ok' }] });

/** Probes of an orchestrator come from few addresses, and to refuse one would have the process restarted. */
const PROBED = { quiet: true, rateLimit: false } as const;

/** For probes and load balancers: without a user, and without details. */
export const healthRouter: FastifyPluginAsync<{ readonly db: Database }> = async (fastify, { db }) => {
  fastify.setErrorHandler(sendProblem);
  fastify.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
  // Anybody may ask, as often as they like.
  const isReady = singleFlight(() => hasMigrations(db));
  fastify.get(
    '/health',
    {
      config: PROBED,
      schema: {
        tags: ['operations'],
        operationId: 'getHealth',
        summary: 'The process lives',
        security: [],
        response: { 200: reply(Ok, 'It does') },
      },
    },
    async () => ({ status: 'ok' }),
  );
  fastify.get(
    '/ready',
    {
      config: PROBED,
      schema: {
        tags: ['operations'],
        operationId: 'getReadiness',
        summary: 'The database answers and has this version’s tables',
        security: [],
        response: { 200: reply(Ok, 'It does'), 503: problems()[503] },
      },
    },
    async () => {
      if (await isReady()) return { status: 'ok' };
      throw new QuestlogError('database_unavailable', 'the database lacks tables of this version');
    },
  );
};
