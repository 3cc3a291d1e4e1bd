import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from '../describe-error.ts';
import { invalidField, QuestlogError } from '../errors.ts';
import { type Problem, toProblem } from '../wire/problem.ts';
import { type Authenticate, checkUser, type User } from './auth/authenticate.ts';
import { toQuestlogError } from './problem.ts';
import { OpenReplies } from './replies/open-replies.ts';
import { compileValidator, type TypeBoxProvider } from './validate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Set before any handler of a Questlog route runs. */
    questlogUser: User | null;
  }
}

/** What every router of Questlog needs from the app that it is part of. */
export interface RouterOptions {
  readonly authenticate: Authenticate;
  /** The largest body of a request, in bytes. Default: 10 MB. */
  readonly bodyLimit?: number | undefined;
  /** The most items in the body of a request. Default: 10,000. */
  readonly maxItems?: number | undefined;
  /** The open replies of all routers that share it. Default: the router's own. */
  readonly replies?: OpenReplies | undefined;
}

const DEFAULT_BODY_LIMIT = 10_000_000;
const DEFAULT_MAX_ITEMS = 10_000;

/** A Fastify scope with everything that a Questlog route expects. */
export type Router = ReturnType<typeof withTypes>;

/**
 * Makes a plugin's scope speak Questlog: TypeBox schemas, problem replies, and a user for every request. The rest of
 * the embedder's app stays as it is.
 */
export function prepareRouter(
  fastify: FastifyInstance,
  { authenticate, bodyLimit, maxItems = DEFAULT_MAX_ITEMS, replies = new OpenReplies() }: RouterOptions,
): Router {
  acceptJson(fastify, bodyLimit);
  fastify.setValidatorCompiler(compileValidator);
  // The schemas of replies are for the documentation; a reply is what its handler made.
  fastify.setSerializerCompiler(() => JSON.stringify);
  fastify.setErrorHandler(sendProblem);
  if (!fastify.hasRequestDecorator('questlogUser')) fastify.decorateRequest('questlogUser', null);
  // Before the body is read: a stranger's ten megabytes are not worth parsing.
  fastify.addHook('onRequest', async (request, reply) => {
    request.questlogUser = checkUser(await authenticate(request));
    replies.add(request.questlogUser.userId, reply.raw);
  });
  fastify.addHook('preValidation', async ({ body }) => assertFewItems(body, maxItems));
  return withTypes(fastify);
}

/** Before they are looked at one by one: small items cost more than their bytes. */
function assertFewItems(body: unknown, maxItems: number): void {
  for (const field of ['input', 'conversation']) {
    const items: unknown = Reflect.get(Object(body), field);
    if (!Array.isArray(items) || items.length <= maxItems) continue;
    const message = `has more than ${maxItems} items`;
    throw new QuestlogError('payload_too_large', `${field} ${message}`, { errors: [{ field, message }] });
  }
}

/** JSON and nothing else. */
function acceptJson(fastify: FastifyInstance, bodyLimit = DEFAULT_BODY_LIMIT): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit },
    async (_request: FastifyRequest, body: Buffer) => parseJson(body),
  );
}

/** As it is: a key `__proto__` is data here, bytes that are not UTF-8 are an error, and an empty body is none. */
function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw invalidField('body', 'must be JSON in UTF-8');
  }
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
  if (problem.status >= 500) request.log.error({ error: describeError(error) }, 'request failed');
  else request.log.info({ error: { code: error.code } }, 'request refused');
  if (problem.retry_after !== undefined) reply.header('retry-after', problem.retry_after);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}
