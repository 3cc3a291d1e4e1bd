import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from '../describe-error.ts';
import { QuestlogError } from '../errors.ts';
import { checkOptions, isFunction } from '../options.ts';
import { toProblem } from '../wire/problem.ts';
import type { Problem } from '../wire/problem-schema.ts';
import { type SignInOptions, signIn, type User } from './auth/authenticate.ts';
import { acceptJson } from './body/accept-json.ts';
import { BodyMemory } from './body/body-memory.ts';
import { problemHeaders, toQuestlogError } from './problem.ts';
import { closeWithConnection } from './replies/close-with-connection.ts';
import { OpenReplies } from './replies/open-replies.ts';
import { traceRequests } from './replies/trace-requests.ts';
import { addVary } from './replies/vary.ts';
import { compileValidator, type TypeBoxProvider } from './validate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Set before any handler of a Questlog route runs. */
    questlogUser: User | null;
  }
}

/** What every router of Questlog needs from the app that it is part of. */
export interface RouterOptions extends SignInOptions {
  /** The largest body of a request, in bytes. Default: 10 MB. */
  readonly bodyLimit?: number | undefined;
  /** The most items in the body of a request. Default: 10,000. */
  readonly maxItems?: number | undefined;
  /** What the bodies of all requests under way may hold. Pass one object to all routers. Default: the router's own. */
  readonly bodyMemory?: BodyMemory | undefined;
  /** The open replies of all routers that share it. Default: the router's own. */
  readonly replies?: OpenReplies | undefined;
}

export const DEFAULT_BODY_LIMIT = 10_000_000;
const DEFAULT_MAX_ITEMS = 10_000;
/** What tells users apart. */
const TOKEN_HEADERS = ['authorization', 'x-stack-access-token', 'x-stack-auth'];

/** A Fastify scope with everything that a Questlog route expects. */
export type Router = ReturnType<typeof withTypes>;

/**
 * Makes a plugin's scope speak Questlog: TypeBox schemas, problem replies, and a user for every request. The rest of
 * the embedder's app stays as it is.
 */
export function prepareRouter(
  fastify: FastifyInstance,
  {
    bodyLimit = DEFAULT_BODY_LIMIT,
    maxItems = DEFAULT_MAX_ITEMS,
    bodyMemory: memory = new BodyMemory(),
    replies = new OpenReplies(),
    ...options
  }: RouterOptions,
): Router {
  checkOptions({ authenticate: options.authenticate }, { authenticate: isFunction });
  traceRequests(fastify);
  acceptJson(fastify, { memory, bodyLimit, maxItems });
  fastify.setValidatorCompiler(compileValidator);
  // The schemas of replies are for the documentation; a reply is what its handler made.
  fastify.setSerializerCompiler(() => JSON.stringify);
  fastify.setErrorHandler(sendProblem);
  if (!fastify.hasRequestDecorator('questlogUser')) fastify.decorateRequest('questlogUser', null);
  // Before the body is read: a stranger's ten megabytes are not worth parsing.
  fastify.addHook('onRequest', async (request, reply) => {
    keepPrivate(reply);
    closeWithConnection(request.raw, reply.raw);
    request.questlogUser = await signIn(request, options);
    replies.add(request.questlogUser.userId, reply.raw);
  });
  return withTypes(fastify);
}

/** What a user gets is nobody else's, in no cache on its way; a route whose reply has an `ETag` lets the client keep it. */
function keepPrivate(reply: FastifyReply): void {
  reply.header('cache-control', 'private, no-store');
  addVary(reply, ...TOKEN_HEADERS);
}

function withTypes(fastify: FastifyInstance) {
  return fastify.withTypeProvider<TypeBoxProvider>();
}

/** The user of a request to a Questlog route. */
export function userOf(request: FastifyRequest): string {
  if (request.questlogUser === null) throw new QuestlogError('unauthenticated', 'sign in first');
  return request.questlogUser.userId;
}

/**
 * Answers with `application/problem+json` and logs what the client does not get to see.
 *
 * @param ids the run that failed.
 */
export async function sendProblem(
  thrown: FastifyError | unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  ids: Pick<Problem, 'run_id' | 'session_id'> = {},
): Promise<FastifyReply> {
  const error = toQuestlogError(thrown);
  const problem = { ...toProblem(error), ...ids };
  if (request.questlogActivity) request.questlogActivity.message.code = error.code;
  if (problem.status >= 500) request.log.error({ error: describeError(error) }, 'request failed');
  else request.log.info({ error: { code: error.code } }, 'request refused');
  return reply.code(problem.status).headers(problemHeaders(problem)).send(JSON.stringify(problem));
}
