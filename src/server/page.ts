import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { STACK_API_URL } from '../http/auth/stack.ts';
import type { Config } from './config.ts';
import type { SignIn } from './sign-in.ts';

/** Where the built page is: beside the compiled server, or where the sources have their build. */
const FOLDERS = ['../web/', '../../dist/web/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** The addresses that the page itself understands. */
const PLACES = ['/', '/c/:chat_id', '/deleted', '/archived', '/handler/*'];

const PLACEHOLDER = '<meta name="questlog-config" content="" />';

/** The built page, as this server gives it away. */
export interface Page {
  readonly html: string;
  /** Its `Content-Security-Policy`. */
  readonly policy: string;
  /** Where its other files are. */
  readonly folder: string;
}

/** Undefined: it is not built. */
export function readPage({ signIn, basePath }: Pick<Config, 'signIn' | 'basePath'>): Page | undefined {
  const folder = FOLDERS.find((candidate) => existsSync(`${candidate}index.html`));
  if (folder === undefined) return undefined;
  const html = readFileSync(`${folder}index.html`, 'utf8')
    .replace(PLACEHOLDER, () => configTag(signIn, basePath))
    .replaceAll('"./assets/', `"${basePath}/assets/`);
  return { html, folder, policy: contentPolicy(signIn, PICTURES_OF_ALL) };
}

/** The page at `/` and at every address that it gives its chats. Without a built page, `/` leads to the documentation. */
export async function servePage(app: FastifyInstance, page: Page | undefined): Promise<void> {
  if (page === undefined) {
    app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect(`${app.prefix}/docs`));
    return;
  }
  const options = { schema: { hide: true }, config: { quiet: true, rateLimit: false } } as const;
  for (const place of PLACES) app.get(place, options, (_request, reply) => sendPage(reply, page));
  await app.register(serveAssets, { root: `${page.folder}assets` });
}

export function sendPage(reply: FastifyReply, { html, policy }: Page): FastifyReply {
  const headers = { 'cache-control': 'no-cache', 'content-security-policy': policy };
  return reply.type('text/html; charset=utf-8').headers(headers).send(html);
}

/** Whether a person goes to an address, not a program: browsers, and only they, ask for HTML first. */
export function isNavigation({ headers }: FastifyRequest): boolean {
  return headers.accept?.startsWith('text/html,') === true;
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

/** What browsers are told with every reply: it has our own scripts alone, is in no page of others, and asks nobody else. */
export function securityHeaders(signIn: SignIn): Record<string, string> {
  return {
    'content-security-policy': contentPolicy(signIn, "'self' data:"),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-frame-options': 'SAMEORIGIN',
    'x-permitted-cross-domain-policies': 'none',
    'x-xss-protection': '0',
  };
}

/** A person has to want one of another server: docs/decisions/036-pictures-by-consent.md. */
const PICTURES_OF_ALL = "'self' data: https:";

/** @param pictures where they may come from. */
function contentPolicy(signIn: SignIn, pictures: string): string {
  const others = signIn.kind === 'stack' ? ` ${new URL(signIn.apiUrl ?? STACK_API_URL).origin}` : '';
  return `default-src 'self'; base-uri 'self'; connect-src 'self'${others}; font-src 'self' data:; form-action 'self'; frame-ancestors 'self'; img-src ${pictures}; object-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self' 'unsafe-inline'`;
}

function configTag(signIn: SignIn, basePath: string): string {
  const json = JSON.stringify({ ...toPageConfig(signIn), basePath });
  const text = json.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<meta name="questlog-config" content="${text}" />`;
}

/** What the page gets to know of the sign-in, as `web/src/config.ts` reads it: nothing secret. */
function toPageConfig(signIn: SignIn): object {
  switch (signIn.kind) {
    case 'local':
      return { kind: 'local' };
    case 'stack':
      return {
        kind: 'stack',
        projectId: signIn.projectId,
        apiUrl: (signIn.apiUrl ?? STACK_API_URL).replace(/\/+$/, ''),
        publishableClientKey: signIn.publishableClientKey ?? null,
      };
    case 'jwt':
      return { kind: 'jwt', issuer: signIn.issuer };
  }
}
