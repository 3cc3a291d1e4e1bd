import { STATUS } from '../../src/wire/problem.ts';
import type { ApiDocument, DocumentedRoute } from '../support/openapi.ts';
import { readEvents } from '../support/sse.ts';
import type { Outgoing, Reply } from './send.ts';

/** The largest error reply, in bytes. */
const MAX_PROBLEM_BYTES = 16_384;
const PROBLEM = { $ref: '#/components/schemas/Problem' };

/** A reply that breaks a promise. */
export class BrokenPromise extends Error {}

/** The route that a request is to, by its path: undefined when there is none. */
export function findRoute(document: ApiDocument, { method, target }: Outgoing): DocumentedRoute | undefined {
  const path = target.replace(/[?#].*$/s, '');
  const fits = document.routes.filter(
    ({ method: documented, path: template, operation }) =>
      // Whatever can be got has a head, but for a socket.
      (documented === method || (method === 'HEAD' && documented === 'GET' && !operation.responses[101])) &&
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`).test(path),
  );
  return fits.find((route) => !route.path.includes('{')) ?? fits[0];
}

/**
 * Checks what holds for every reply.
 *
 * @returns the values that it carries: its JSON, or the data of its events.
 * @throws BrokenPromise
 */
export function checkReply(document: ApiDocument, outgoing: Outgoing, reply: Reply): readonly unknown[] {
  // What bytes became a request of is not known here.
  const route = outgoing.raw === undefined ? findRoute(document, outgoing) : undefined;
  if (route !== undefined) checkStatus(route, outgoing, reply);
  if (reply.status >= 400) return checkProblem(document, outgoing, reply);
  // What follows are the messages of a socket.
  if (reply.status === 101) return [];
  if (outgoing.method === 'HEAD' || [204, 304].includes(reply.status)) {
    if (reply.body.length > 0) throw new BrokenPromise('a body where none belongs');
    return [];
  }
  return route === undefined ? [] : checkBody(document, route, reply);
}

function checkStatus({ operation }: DocumentedRoute, { headers }: Outgoing, { status }: Reply): void {
  if (operation.responses[status] === undefined)
    throw new BrokenPromise(`status ${status} is not documented`);
  const isOpen = operation.security?.length === 0;
  if (!isOpen && status < 400 && status !== 101 && !headers.some(([name]) => name === 'authorization')) {
    throw new BrokenPromise(`status ${status} without a token`);
  }
}

function checkProblem(document: ApiDocument, { method }: Outgoing, reply: Reply): readonly unknown[] {
  const { status, headers, body } = reply;
  if (status >= 500 && !(status === 503 && Number(headers['retry-after']) > 0)) {
    throw new BrokenPromise(`status ${status}`);
  }
  if (!headers['content-type']?.startsWith('application/problem+json')) {
    throw new BrokenPromise(`an error of the type ${headers['content-type']}`);
  }
  if (method === 'HEAD') return [];
  if (body.length > MAX_PROBLEM_BYTES) throw new BrokenPromise(`an error of ${body.length} bytes`);
  const problem = parse(body);
  conform(document, PROBLEM, problem);
  const { code, status: told } = problem as { code: keyof typeof STATUS; status: number };
  if (STATUS[code] !== status || told !== status)
    throw new BrokenPromise(`the code ${code} with the status ${status}`);
  return [problem];
}

function checkBody(document: ApiDocument, { operation }: DocumentedRoute, reply: Reply): readonly unknown[] {
  const types = Object.entries(operation.responses[reply.status]?.content ?? {});
  const given = reply.headers['content-type'] ?? '';
  if (types.length === 0) return [];
  const [type, content] = types.find(([known]) => given.startsWith(known)) ?? [];
  if (type === undefined || content === undefined)
    throw new BrokenPromise(`the type ${given}, where ${types.map(([known]) => known)} is documented`);
  const values = valuesOf(type, reply.body);
  for (const value of values) conform(document, content.schema, value);
  return values;
}

function valuesOf(type: string, body: Buffer): readonly unknown[] {
  if (type === 'text/event-stream') return eventsOf(body);
  if (type === 'application/x-ndjson' || type === 'text/markdown') return [body.toString()];
  return [parse(body)];
}

function eventsOf(body: Buffer): readonly unknown[] {
  const events = readEvents(body.toString());
  const ids = events.map(({ id }) => id);
  if (ids.some((id, index) => index > 0 && id <= Number(ids[index - 1]))) {
    throw new BrokenPromise(`the events ${ids} do not grow`);
  }
  return events.map(({ data }) => data);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new BrokenPromise('the body is not JSON');
  }
}

function conform(document: ApiDocument, schema: object, value: unknown): void {
  const errors = document.errors(schema, value);
  if (errors.length > 0)
    throw new BrokenPromise(`the body is not as documented: ${JSON.stringify(errors).slice(0, 500)}`);
}
