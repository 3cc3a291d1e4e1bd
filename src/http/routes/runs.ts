import type { FastifyPluginAsync } from 'fastify';
import Type from 'typebox';
import { checkOptions } from '../../options.ts';
import { isRuns } from '../../run/run-options.ts';
import type { Runs } from '../../run/runs.ts';
import { RunEvent } from '../../wire/events.ts';
import * as wire from '../../wire/runs.ts';
import { problems, problemsOfChange, reply as replySchema } from '../problem-schemas.ts';
import { readLastEventId, type StreamOptions, sendEvents } from '../replies/event-stream.ts';
import { toRunResponse } from '../replies/run-json.ts';
import { lastEventId } from '../request-headers.ts';
import { prepareRouter, type Router, type RouterOptions, userOf } from '../router.ts';

/** Which runs are served. */
export interface RunsRouterOptions extends RouterOptions, StreamOptions {
  /** Those of the agent routers. */
  readonly runs: Runs;
}

/**
 * The runs of the user who asks: their state, their events, an end or a decision for them. Register it with a prefix.
 *
 * @example
 * await app.register(runsRouter, { prefix: '/runs', runs, authenticate });
 */
export const runsRouter: FastifyPluginAsync<RunsRouterOptions> = async (fastify, options) => {
  checkOptions({ runs: options.runs }, { runs: isRuns });
  const router = prepareRouter(fastify, options);
  routeState(router, options.runs);
  routeEvents(router, options);
  routeCancel(router, options.runs);
  routeApprovals(router, options.runs);
};

function routeState(router: Router, runs: Runs): void {
  router.get(
    '/:run_id',
    {
      schema: {
        tags: ['runs'],
        operationId: 'getRun',
        summary: 'Get a run',
        params: wire.RunParams,
        response: { 200: replySchema(wire.RunResponse, 'The run'), ...problems(400, 404) },
      },
    },
    async (request) => toRunResponse(await runs.get(userOf(request), request.params.run_id)),
  );
}

function routeEvents(router: Router, { runs, heartbeatMs }: RunsRouterOptions): void {
  router.get(
    '/:run_id/events',
    {
      // Events would wait in the encoder.
      compress: false,
      schema: {
        tags: ['runs'],
        operationId: 'followRun',
        summary: 'Follow a run',
        description:
          'The events after `Last-Event-ID`, those to come included, byte for byte as every other reader gets them; ' +
          'from any process, also after the run has ended',
        params: wire.RunParams,
        headers: Type.Object(lastEventId),
        response: {
          200: {
            description: 'The events; each `data:` is a RunEvent',
            content: { 'text/event-stream': { schema: RunEvent } },
          },
          ...problems(400, 404, 410),
        },
      },
    },
    async (request, reply) => {
      const after = readLastEventId(request.headers['last-event-id']);
      const run = await runs.follow(userOf(request), request.params.run_id, after);
      return sendEvents(reply, run, after, { heartbeatMs });
    },
  );
}

function routeCancel(router: Router, runs: Runs): void {
  router.post(
    '/:run_id/cancel',
    {
      schema: {
        tags: ['runs'],
        operationId: 'cancelRun',
        summary: 'Stop a run',
        description:
          'From any process, within about a second. What it has so far stays; an ended run stays as it is',
        params: wire.RunParams,
        response: { 202: replySchema(wire.RunResponse, 'The run, as it is now'), ...problemsOfChange(404) },
      },
    },
    async (request, reply) => {
      const run = await runs.cancel(userOf(request), request.params.run_id);
      return reply.code(202).send(toRunResponse(run));
    },
  );
}

function routeApprovals(router: Router, runs: Runs): void {
  router.post(
    '/:run_id/approvals',
    {
      schema: {
        tags: ['runs'],
        operationId: 'decideCalls',
        summary: 'Decide the pending calls of a run and let it go on',
        description: 'A decision is taken once. Follow the run at `/runs/{run_id}/events`',
        params: wire.RunParams,
        body: wire.ApprovalRequest,
        response: {
          202: replySchema(wire.RunResponse, 'The run, going on'),
          ...problemsOfChange(404, 409),
        },
      },
    },
    async (request, reply) => {
      const { run_id: runId } = request.params;
      const userId = userOf(request);
      await runs.decide(userId, runId, request.body.decisions, request.log);
      return reply.code(202).send(toRunResponse(await runs.get(userId, runId)));
    },
  );
}
