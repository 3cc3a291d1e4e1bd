import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { VERSION } from './version.ts';

/** OpenAPI 3.1 at `/openapi.json`, readable at `/docs`. Call it before the routes are registered. */
export async function documentApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Questlog',
        version: VERSION,
        description:
          'Chats of AI agents: `/chats` owns conversations, `/chat` executes the agent. Every route needs a user; ' +
          'a chat that belongs to another user answers exactly as one that does not exist.',
      },
      tags: [
        { name: 'chats', description: 'Conversations' },
        { name: 'agent', description: 'Executing the agent' },
        { name: 'runs', description: 'Executions: follow, stop, decide' },
        { name: 'user', description: 'All that is stored of you' },
        { name: 'operations', description: 'For the operator of the server' },
      ],
      components: {
        securitySchemes: {
          stackAccessToken: { type: 'apiKey', in: 'header', name: 'x-stack-access-token' },
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        },
      },
      security: [{ stackAccessToken: [] }, { bearer: [] }],
    },
    transformObject: (document) =>
      'openapiObject' in document ? withNamedSchemas(document.openapiObject) : document.swaggerObject,
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    reply.header('cache-control', 'public, max-age=300');
    return reply.send(app.swagger());
  });
}

/** Moves every schema that has a title to `components`, under that name, so that clients can be generated. */
function withNamedSchemas<Document extends object>(document: Document): Document {
  const schemas: Record<string, unknown> = {};
  const { components, ...rest } = document as Document & { components?: object };
  const named = nameSchemas(rest, schemas) as Document;
  return { ...named, components: { ...components, schemas } };
}

function nameSchemas(value: unknown, schemas: Record<string, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => nameSchemas(element, schemas));
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === 'examples' ? member : nameSchemas(member, schemas),
    ]),
  );
  const isSchema = typeof copy.title === 'string' && ('type' in copy || 'anyOf' in copy);
  if (!isSchema) return copy;
  const { title, ...schema } = copy;
  schemas[title as string] = schema;
  return { $ref: `#/components/schemas/${title}` };
}
