import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { STACK_API_URL } from '../http/auth/stack.ts';
import type { Config } from './config.ts';

/** Where the built page is: beside the compiled server, or where the sources have their build. */
const FOLDERS = ['../web/', '../../dist/web/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** The addresses that the page itself understands. */
const PLACES = ['/', '/c/:chat_id', '/deleted', '/handler/*'];

const PLACEHOLDER = '<meta name="questlog-config" content="" />';

/** The page at `/` and at every address that it gives its chats. Without a built page, `/` leads to the documentation. */
export async function servePage(app: FastifyInstance, { stack }: Pick<Config, 'stack'>): Promise<void> {
  const folder = FOLDERS.find((candidate) => existsSync(`${candidate}index.html`));
  if (folder === undefined) {
    app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'));
    return;
  }
  const html = readFileSync(`${folder}index.html`, 'utf8').replace(PLACEHOLDER, () => configTag(stack));
  const options = { schema: { hide: true }, config: { quiet: true, rateLimit: false } } as const;
  for (const place of PLACES) {
    app.get(place, options, (_request, reply) =>
      reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(html),
    );
  }
  await app.register(serveAssets, { root: `${folder}assets` });
}

const serveAssets: FastifyPluginAsync<{ readonly root: string }> = async (scope, { root }) => {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, quiet: true, rateLimit: false };
    route.schema = { ...route.schema, hide: true };
  });
  await scope.register(fastifyStatic, {
    root,
    prefix: '/assets/',
    decorateReply: false,
    index: false,
    preCompressed: true,
    // Their names change with their content.
    maxAge: '1y',
    immutable: true,
    acceptRanges: false,
  });
};

/** The origins beside its own that the page may talk to. */
export function pageOrigins({ stack }: Pick<Config, 'stack'>): string[] {
  return stack === undefined ? [] : [new URL(stack.apiUrl ?? STACK_API_URL).origin];
}

function configTag(stack: Config['stack']): string {
  const config = stack && {
    projectId: stack.projectId,
    apiUrl: (stack.apiUrl ?? STACK_API_URL).replace(/\/+$/, ''),
    publishableClientKey: stack.publishableClientKey ?? null,
  };
  const json = JSON.stringify({ stack: config ?? null });
  const text = json.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<meta name="questlog-config" content="${text}" />`;
}
